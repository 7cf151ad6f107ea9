/** Those who ask: scrapers that hang, drip, and come in thousands. The witness beside them is answered all through. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { fault } from './support/fault.ts'
import type { Stand } from './support/stand.ts'

const MANY = 5000
const LASTS_MS = 8000

function open(stand: Stand, count: number, onConnect?: (socket: Socket) => void): Socket[] {
  const { hostname, port } = new URL(stand.sidecar.url)
  return Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    if (onConnect) socket.once('connect', () => onConnect(socket))
    return socket
  })
}

/** A new connection for each, as `curl` makes it. */
async function expectNewcomersAnswered(stand: Stand, count: number): Promise<void> {
  for (let asked = 0; asked < count; asked++) {
    const response = await fetch(new URL('metrics', stand.sidecar.url), { headers: { connection: 'close' } })
    expect(response.status).toBe(200)
    await response.text()
    await delay(200)
  }
}

describe('scrapers', () => {
  fault({
    name: 'scrapers that hang',
    expectation: '90 ask five times and read nothing; others are answered',
    rightWithinMs: 3000,
    // 450 answers that nobody reads; what they took is kept for the next ones.
    spareMemoryMiB: 96,
    async inflict(stand) {
      const request = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5)
      const sockets = open(stand, 90, (socket) => socket.pause().write(request))
      await expectNewcomersAnswered(stand, LASTS_MS / 200)
      for (const socket of sockets) socket.destroy()
    },
  })

  fault({
    name: 'scrapers that drip',
    expectation: '150 send a byte a second, more than there is room for; others are answered, each drip ends after 5 s',
    rightWithinMs: 3000,
    async inflict(stand) {
      const sockets = open(stand, 150, (socket) => socket.write('GET /metrics HTTP/1.1\r\nX-Slow: '))
      const timer = setInterval(() => sockets.forEach((socket) => socket.write('x')), 1000)
      await expectNewcomersAnswered(stand, LASTS_MS / 200)
      clearInterval(timer)
      expect(sockets.filter((socket) => !socket.closed)).toEqual([])
    },
  })

  fault({
    name: 'a scraper that opens 5,000 connections',
    expectation: 'they push each other out, counted; who has a connection keeps it, who comes new gets one',
    rightWithinMs: 3000,
    async inflict(stand) {
      const sockets = open(stand, MANY)
      await expectNewcomersAnswered(stand, LASTS_MS / 200)
      expect((await stand.scrape()).value('leanmesh_http_connections_dropped_total')).toBeGreaterThan(MANY / 2)
      for (const socket of sockets) socket.destroy()
    },
  })
})
