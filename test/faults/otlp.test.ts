/** The receiver of pushes, misbehaving in each way: scrapes go on, each failure is counted by its reason, and the next push arrives. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect } from 'vitest'
import { fault } from './support/fault.ts'
import { until } from './support/sidecar-process.ts'
import type { Stand } from './support/stand.ts'

type Answer = (response: ServerResponse) => void

interface Misconduct {
  what: string
  /** As leanmesh_otlp_export_failures_total names it; absent where it does no harm. */
  reason?: string
  answer: Answer
}

const answerWith = (status: number, headers: Record<string, string> = {}) => {
  return (response: ServerResponse) => void response.writeHead(status, headers).end()
}

const PIECE = Buffer.alloc(16 * 1024)

/** Never ends of itself. */
function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(PIECE));
  if (!response.destroyed) response.once('drain', () => pour(response))
}

const MISCONDUCTS: readonly Misconduct[] = [
  { what: 'resets the connection', reason: 'unreachable', answer: ({ socket }) => void socket?.resetAndDestroy() },
  { what: 'does not answer', reason: 'timeout', answer: () => {} },
  { what: 'says 500', reason: 'server_error', answer: answerWith(500) },
  { what: 'says 503', reason: 'throttled', answer: answerWith(503) },
  { what: 'says 429 and when to come', reason: 'throttled', answer: answerWith(429, { 'retry-after': '1' }) },
  { what: 'says 400', reason: 'rejected', answer: answerWith(400) },
  { what: 'sends it elsewhere', reason: 'rejected', answer: answerWith(307, { location: 'http://127.0.0.1:1/' }) },
  {
    what: 'refuses one point',
    reason: 'partial',
    answer: (response) => void response.end(Buffer.from('0a020801', 'hex')),
  },
  {
    what: 'does not speak HTTP',
    reason: 'other',
    answer: ({ socket }) => void socket?.end('220 mail.example ESMTP\r\n'),
  },
  { what: 'answers without end', answer: pour },
  {
    what: 'stops in the middle of its answer',
    answer(response) {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
    },
  },
]

const well: Answer = answerWith(200)
let answer: Answer = well
let taken = 0
const receiver: Server = createServer((request, response) => {
  request.resume().once('end', () => {
    if (answer === well) taken += 1
    answer(response)
  })
}).listen(0, '127.0.0.1')
await once(receiver, 'listening')
const { port } = receiver.address() as AddressInfo
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})

async function untilTaken(): Promise<void> {
  const before = taken
  await until('a push', () => (taken > before ? true : undefined), 10_000)
}

async function misbehave(stand: Stand, { what, reason, answer: misconduct }: Misconduct): Promise<void> {
  const count = async (name: string) => (await stand.scrape()).sum(name)
  const failures = async () =>
    reason === undefined
      ? await count('leanmesh_otlp_export_total')
      : ((await stand.scrape()).value('leanmesh_otlp_export_failures_total', { reason }) ?? 0)
  const before = await failures()
  answer = misconduct
  await until(`a push to one that ${what}`, async () => ((await failures()) > before ? true : undefined), 10_000)
  answer = well
  await untilTaken()
}

describe('the OTLP receiver', () => {
  const push = ['--otlp-endpoint', `http://127.0.0.1:${port}`, '--otlp-interval-ms', '500', '--otlp-timeout-ms', '400']
  fault({
    name: 'OTLP receiver misbehaves in 11 ways',
    expectation: 'each failed push is counted by its reason, the next one arrives within 10 s, and no scrape waits',
    rightWithinMs: 3000,
    stand: { args: [...push, '--otlp-export-timeout-ms', '500'] },
    async inflict(stand) {
      await untilTaken()
      for (const misconduct of MISCONDUCTS) await misbehave(stand, misconduct)
      expect(taken).toBeGreaterThan(MISCONDUCTS.length)
    },
  })

  fault({
    name: 'OTLP receiver gone for good',
    expectation: 'pushes fail as unreachable, less and less often; scrapes go on',
    rightWithinMs: 3000,
    stand: {
      args: ['--otlp-endpoint', 'http://127.0.0.1:1', '--otlp-interval-ms', '500', '--otlp-export-timeout-ms', '500'],
    },
    async inflict(stand) {
      const labels = { reason: 'unreachable' }
      const look = async () =>
        ((await stand.scrape()).value('leanmesh_otlp_export_failures_total', labels) ?? 0) >= 3 ? true : undefined
      await until('three failures', look, 20_000)
    },
  })
})
