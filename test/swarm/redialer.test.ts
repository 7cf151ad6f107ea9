import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRedialer, type Redialer } from '../../src/swarm/redialer.ts'

const OPTIONS = { ownPeerId: 'me', backOff: { initialMs: 500, maxMs: 30_000, jitter: 0.3 }, stableMs: 5000 }
const target = (peerId: string) => ({ peerId, addresses: ['/ip4/127.0.0.1/udp/9000/quic-v1'] })

/** A network in which every dial is answered by `answer`, and peers disconnect when told. */
function createNetwork() {
  const network = {
    dialedAt: new Map<string, number[]>(),
    inFlight: new Map<string, number>(),
    mostInFlight: 0,
    connected: new Map<string, PromiseWithResolvers<void>>(),
    results: [] as string[],
    answer: (_signal: AbortSignal): Promise<void> => Promise.reject(new Error('connection refused')),
    connect(peerId: string) {
      this.connected.set(peerId, Promise.withResolvers())
    },
    disconnect(peerId: string) {
      this.connected.get(peerId)?.resolve()
      this.connected.delete(peerId)
    },
    gaps: (peerId: string) => network.times(peerId).map((at, index, all) => at - (all[index - 1] ?? 0)),
    times: (peerId: string) => network.dialedAt.get(peerId) ?? [],
  }
  return network
}

describe('redialer', () => {
  let network: ReturnType<typeof createNetwork>
  let redialer: Redialer | undefined

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], fakeNodeBuiltins: true })
    network = createNetwork()
  })
  afterEach(async () => {
    await redialer?.stop()
    vi.useRealTimers()
  })

  function start(peers: string[], stopAware = true): Redialer {
    const startedAt = performance.now()
    redialer = createRedialer(
      { ...OPTIONS, targets: peers.map(target) },
      {
        async dial({ peerId }, signal) {
          network.dialedAt.set(peerId, [...network.times(peerId), performance.now() - startedAt])
          const inFlight = (network.inFlight.get(peerId) ?? 0) + 1
          network.inFlight.set(peerId, inFlight)
          network.mostInFlight = Math.max(network.mostInFlight, inFlight)
          try {
            await network.answer(signal)
            network.connect(peerId)
          } finally {
            network.inFlight.set(peerId, inFlight - 1)
          }
        },
        isConnected: (peerId) => network.connected.has(peerId),
        async disconnected(peerId, signal) {
          const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
          await Promise.race([network.connected.get(peerId)?.promise, ...(stopAware ? [aborted] : [])])
        },
        now: () => performance.now(),
        onDial: (result) => void network.results.push(result),
      },
    )
    redialer.start()
    return redialer
  }

  it('never gives up, doubling its pauses up to 30 s, each up to 30 % shorter by chance', async () => {
    const { states } = start(['peer'])
    await vi.advanceTimersByTimeAsync(3_600_000)
    const gaps = network.gaps('peer').slice(1)
    expect(gaps.length).toBeGreaterThan(120)
    const full = [500, 1000, 2000, 4000, 8000, 16_000]
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeLessThanOrEqual((full[index] ?? 30_000) + 1)
      expect(gap).toBeGreaterThanOrEqual((full[index] ?? 30_000) * 0.7 - 1)
    }
    expect(new Set(gaps.slice(6)).size).toBeGreaterThan(1)
    expect(states()).toMatchObject([
      { phase: 'waiting', lastError: 'connection refused', failure: 'unreachable', failures: gaps.length + 1 },
    ])
  })

  it('begins its pauses anew after a connection that lasted, and only then', async () => {
    const secondsUntilConnected = async () => {
      let seconds = 0
      for (; !network.connected.has('peer'); seconds++) await vi.advanceTimersByTimeAsync(1000)
      return seconds
    }
    start(['peer'])
    await vi.advanceTimersByTimeAsync(120_000)
    network.answer = async () => undefined
    await secondsUntilConnected()

    await vi.advanceTimersByTimeAsync(3000)
    network.disconnect('peer')
    expect(await secondsUntilConnected(), 'after a short connection').toBeGreaterThan(20)

    await vi.advanceTimersByTimeAsync(5000)
    network.disconnect('peer')
    expect(await secondsUntilConnected(), 'after a lasting connection').toBe(1)
  })

  it('says so when a connection did not last', async () => {
    network.answer = async () => undefined
    const { states } = start(['peer'])
    await vi.advanceTimersByTimeAsync(1200)
    expect(states()).toEqual([{ peerId: 'peer', phase: 'connected', failures: 0 }])
    network.disconnect('peer')
    await vi.advanceTimersByTimeAsync(1)
    expect(states()).toMatchObject([
      { phase: 'waiting', failures: 1, lastError: 'disconnected after 1.2 s', failure: 'handshake_failed' },
    ])
  })

  it('has one dial to a peer in flight, however long it takes, and does not let one peer hold up another', async () => {
    network.answer = () => new Promise(() => undefined)
    const started = start(['slow', 'other'])
    started.start()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(network.mostInFlight).toBe(1)
    expect(network.times('slow')).toHaveLength(1)
    expect(network.times('other')).toHaveLength(1)
    redialer = undefined
  })

  it('skips its own peer id', async () => {
    const { states } = start(['me'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(network.dialedAt.size).toBe(0)
    expect(states()).toEqual([{ peerId: 'me', phase: 'self', failures: 0 }])
  })

  it('does not dial a peer that is connected already', async () => {
    network.connect('peer')
    const { states } = start(['peer'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(network.dialedAt.size).toBe(0)
    expect(states()).toMatchObject([{ phase: 'connected' }])
  })

  it('counts each dial by its result', async () => {
    start(['peer'])
    await vi.advanceTimersByTimeAsync(600)
    network.answer = async () => undefined
    await vi.advanceTimersByTimeAsync(1100)
    expect(network.results).toEqual(['failure', 'failure', 'success'])
  })

  it('stops at once in a dial, in a pause and in a connection, and counts no failure for it', async () => {
    network.answer = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    await start(['dialing']).stop()
    expect(network.results).toEqual([])

    network.answer = () => Promise.reject(new Error('connection refused'))
    const waiting = start(['waiting'])
    await vi.advanceTimersByTimeAsync(10)
    await waiting.stop()

    network.answer = async () => undefined
    const connected = start(['connected'])
    await vi.advanceTimersByTimeAsync(10)
    await connected.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
