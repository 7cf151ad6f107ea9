/** Against the texts that the installed libp2p really has. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { TargetState } from '../../src/mesh/snapshot.ts'
import { readDialError } from '../../src/swarm/dial-failure.ts'
import { freePort } from '../support/free-port.ts'
import { startTestSwarm } from '../support/test-swarm.ts'

const OTHER = '16Uiu2HAmQj1RDNAxopeeeCFPRr3zhJYmH6DEPHYKmxLViLahWcFE'
/** QUIC gives up after its idle timeout, 4 s here. */
const TIMEOUT_MS = 15_000

/** How a swarm tells that it could not connect to this peer there. */
async function failedDial(addresses: string[]): Promise<TargetState | undefined> {
  await using swarm = await startTestSwarm({ peers: [{ peerId: OTHER, addresses }] })
  const failed = await swarm.until('failed', ({ targets }) => (targets[0]?.failures ?? 0) > 0, TIMEOUT_MS)
  return failed.targets[0]
}

const failureOf = async (addresses: string[]) => (await failedDial(addresses))?.failure

async function tcpServer(onSocket: (socket: Socket) => void) {
  const server = createServer((socket) => onSocket(socket.on('error', () => undefined).resume()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { address: `/ip4/127.0.0.1/tcp/${address.port}`, [Symbol.dispose]: () => void server.close() }
}

describe('a dial', () => {
  test.each(['quic', 'tcp'] as const)('that finds another key over %s has the wrong peer id', async (transport) => {
    await using somebody = await startTestSwarm()
    expect(await failureOf(somebody.target(transport).addresses)).toBe('wrong_peer_id')
  })

  test('of several addresses says what the one that came farthest says', async () => {
    await using somebody = await startTestSwarm()
    const nowhere = `/ip4/127.0.0.1/tcp/${await freePort()}`
    expect(await failedDial([nowhere, ...somebody.target('quic').addresses])).toMatchObject({
      failure: 'wrong_peer_id',
      lastError: expect.stringContaining(`Dialed peer ${OTHER} but connected to ${somebody.id}`),
    })
  })

  test('to a port where nobody listens is unreachable', async () => {
    expect(await failureOf([`/ip4/127.0.0.1/tcp/${await freePort()}`])).toBe('unreachable')
  })

  test(
    'over QUIC that nobody answers is unreachable',
    async () => {
      const socket = createSocket('udp4')
      await once(socket.bind(0, '127.0.0.1'), 'listening')
      try {
        expect(await failureOf([`/ip4/127.0.0.1/udp/${socket.address().port}/quic-v1`])).toBe('unreachable')
      } finally {
        socket.close()
      }
    },
    TIMEOUT_MS,
  )

  test.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['speaks HTTP', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('to a TCP server that %s fails in the handshake', async (_, answer) => {
    using server = await tcpServer(answer)
    expect(await failureOf([server.address])).toBe('handshake_failed')
  })

  test('whose QUIC handshake is refused fails in the handshake', () => {
    const refused = [
      'the cryptographic handshake failed: error 120',
      'aborted by peer: internal error',
      'closed by peer',
    ]
    for (const text of refused)
      expect(readDialError(new Error(text)), text).toEqual({ failure: 'handshake_failed', reason: text })
  })

  test('that throws no error is unreachable', () => {
    expect(readDialError('gone')).toEqual({ failure: 'unreachable', reason: 'gone' })
  })
})
