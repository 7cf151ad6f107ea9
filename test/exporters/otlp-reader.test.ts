import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OtlpOutcome } from '../../src/exporters/otlp-failure.ts'
import { OtlpReader } from '../../src/exporters/otlp-reader.ts'
import type { Logger } from '../../src/log.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { fakeNetwork, networkState, runningNetwork } from '../support/network-states.ts'
import { decodeOtlpRequest } from '../support/otlp-request.ts'

const INTERVAL_MS = 60_000
const GAUGE = 'lean_gossip_mesh_peers'
const OPTIONS = { endpoint: 'http://collector', intervalMs: INTERVAL_MS, timeoutMs: 30_000, zeroWhenGone: [GAUGE] }
const refused: OtlpOutcome = { ok: false, reason: 'unreachable', detail: 'ECONNREFUSED', isRetryable: true }
const denied: OtlpOutcome = { ok: false, reason: 'rejected', detail: 'HTTP 401', isRetryable: false }
const timedOut: OtlpOutcome = { ok: false, reason: 'timeout', detail: 'no answer in time', isRetryable: true }

/** A reader with a receiver whose answers a test gives; without an answer, it answers only when the push is ended. */
function setUp(answer: (push: number) => OtlpOutcome | undefined = () => ({ ok: true })) {
  const network = fakeNetwork(runningNetwork(['a', 'b']))
  const names = new Map([
    ['a', 'zeam_0'],
    ['b', 'ream_0'],
  ])
  const setup = setUpMetrics([network], { names: () => names })
  const pushes: { atMs: number; values: Record<string, number> }[] = []
  const lines: string[] = []
  const note = (_fields: object, message: string) => void lines.push(message)
  const log: Logger = { debug: note, info: note, warn: note, error: note }
  const rejected = vi.fn<() => void>()
  let running = 0
  let mostRunning = 0
  const transport = {
    async send(body: Uint8Array, signal: AbortSignal) {
      const index = pushes.push({ atMs: Date.now() - startMs, values: decodeOtlpRequest(Buffer.from(body)).values })
      mostRunning = Math.max(mostRunning, ++running)
      const { promise, resolve } = Promise.withResolvers<OtlpOutcome>()
      const answered = answer(index - 1)
      if (answered) resolve(answered)
      else signal.addEventListener('abort', () => resolve(timedOut))
      const outcome = await promise
      running--
      return outcome
    },
  }
  const startMs = Date.now()
  const reader = new OtlpReader(OPTIONS, { transport, onRejected: rejected, nowMs: () => Date.now(), log })
  setup.pipeline.attach(reader)
  reader.start()
  return { ...setup, network, names, reader, pushes, lines, rejected, mostRunning: () => mostRunning }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0)
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('pushes', () => {
  test('come once an interval, each from one run of the refreshers', async () => {
    const { pushes, network, pipeline, reader } = setUp()
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS)
    expect(pushes.map(({ atMs }) => atMs)).toEqual([60_000, 120_000, 180_000])
    expect(network.refreshes).toBe(3)
    expect(reader.stats()).toMatchObject({ exports: 3, lastSuccessAgeSeconds: 0 })
    await pipeline.shutdown()
  })

  test('share their collection with a scrape at the same moment', async () => {
    const { pushes, network, pipeline, scrape } = setUp()
    const gate = Promise.withResolvers<void>()
    network.onRefresh = async () => gate.promise
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    const scraped = scrape()
    gate.resolve()
    expect(await scraped).toContain('lean_gossip_mesh_peers{client="zeam_0"} 1')
    await vi.advanceTimersByTimeAsync(0)
    expect(pushes).toHaveLength(1)
    expect(network.refreshes).toBe(1)
    await pipeline.shutdown()
  })

  test('never overlap, however slow the receiver is', async () => {
    const { mostRunning, reader, pipeline } = setUp(() => undefined)
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS)
    expect(mostRunning()).toBe(1)
    const { exports, failures } = reader.stats()
    expect(failures.timeout).toBe(exports)
    const stopping = pipeline.shutdown()
    await vi.advanceTimersByTimeAsync(1500)
    await stopping
  })

  test('are no push when the collection is incomplete, and a scrape is as before', async () => {
    const { pipeline, pushes, reader } = setUp()
    let isBroken = true
    pipeline.meter.createObservableGauge('broken').addCallback(() => {
      if (isBroken) throw new Error('broken')
    })
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(pushes).toEqual([])
    expect(reader.stats().failures).toMatchObject({ collection: 1 })
    isBroken = false
    expect(await pipeline.scrape()).toMatchObject({ ok: true })
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(pushes).toHaveLength(1)
    await pipeline.shutdown()
  })

  test('leave out what is not a number, and count it', async () => {
    const { pipeline, pushes, rejected } = setUp()
    pipeline.meter.createObservableGauge('odd').addCallback((result) => {
      for (const [index, value] of [NaN, Infinity, 1].entries()) result.observe(value, { index: String(index) })
    })
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(Object.keys(pushes[0]?.values ?? {}).filter((key) => key.startsWith('odd'))).toEqual(['odd{index=2}'])
    expect(rejected).toHaveBeenCalledTimes(2)
    await pipeline.shutdown()
  })
})

describe('after a failure', () => {
  test('that may pass, pushes come early, then less and less so', async () => {
    const { pushes, pipeline, network } = setUp((push) => (push < 8 ? refused : { ok: true }))
    await vi.advanceTimersByTimeAsync(4 * INTERVAL_MS)
    const gaps = pushes.map(({ atMs }, index) => (atMs - (pushes[index - 1]?.atMs ?? 0)) / 1000)
    expect(gaps).toEqual([60, 1, 2, 4, 8, 16, 32, 60])
    expect(network.refreshes).toBe(pushes.length)
    await pipeline.shutdown()
  })

  test('that will not pass, the next push comes after the interval', async () => {
    const { pushes, pipeline } = setUp(() => denied)
    await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS)
    expect(pushes.map(({ atMs }) => atMs)).toEqual([60_000, 120_000])
    await pipeline.shutdown()
  })

  test('with Retry-After, the next push comes then', async () => {
    const { pushes, pipeline } = setUp((push) =>
      push === 0
        ? { ok: false, reason: 'throttled', detail: 'HTTP 429', isRetryable: true, retryAfterMs: 90_000 }
        : { ok: true },
    )
    await vi.advanceTimersByTimeAsync(150_000)
    expect(pushes.map(({ atMs }) => atMs)).toEqual([60_000, 150_000])
    await pipeline.shutdown()
  })

  test('with a Retry-After of 0 again and again, pushes still come less and less often', async () => {
    const { pushes, pipeline } = setUp(() => ({ ...refused, retryAfterMs: 0 }))
    await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS)
    expect(pushes.map(({ atMs }) => atMs / 1000)).toEqual([60, 61, 63, 67, 75, 91])
    await pipeline.shutdown()
  })

  test('the log has one line for each change, not for each push', async () => {
    const { lines, pushes, pipeline } = setUp((push) => (push === 0 || push > 4 ? { ok: true } : refused))
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS)
    expect(pushes.length).toBeGreaterThan(6)
    expect(lines).toEqual([
      'metrics arrive by OTLP',
      'metrics do not arrive by OTLP (otlp.endpoint)',
      'metrics arrive by OTLP',
    ])
    await pipeline.shutdown()
  })
})

describe('a name that left the table', () => {
  const ream = `${GAUGE}{client=ream_0}`

  test('is pushed as 0 until one push arrived, and then no more', async () => {
    const { names, pushes, pipeline } = setUp((push) => (push === 1 ? denied : { ok: true }))
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    names.delete('b')
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS)
    expect(pushes.map(({ values }) => values[ream])).toEqual([1, 0, 0, undefined])
    await pipeline.shutdown()
  })

  test('ends at the next scrape, whether it was pushed as 0 or not', async () => {
    const { names, pipeline, scrape } = setUp()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    names.delete('b')
    expect(await scrape()).not.toContain('ream_0')
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(await scrape()).not.toContain('ream_0')
    await pipeline.shutdown()
  })

  test('that came back before the next push has its value', async () => {
    const { names, pushes, pipeline, scrape } = setUp()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    names.delete('b')
    await scrape()
    names.set('b', 'ream_0')
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(pushes.map(({ values }) => values[ream])).toEqual([1, 1])
    await pipeline.shutdown()
  })
})

describe('shutting down', () => {
  test('pushes a last set, in which a stopped network reads 0', async () => {
    const { network, pushes, pipeline } = setUp()
    network.current = networkState()
    await pipeline.shutdown()
    expect(pushes).toMatchObject([
      { values: { 'lean_gossip_mesh_running{network_id=0}': 0, 'lean_gossip_mesh_peers{client=zeam_0}': 0 } },
    ])
  })

  test('takes 1.5 s when the receiver is silent, a push that runs included', async () => {
    const { pipeline, pushes, reader } = setUp(() => undefined)
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    const startMs = Date.now()
    const stopping = pipeline.shutdown()
    await vi.advanceTimersByTimeAsync(1500)
    await stopping
    expect(Date.now() - startMs).toBe(1500)
    expect(pushes).toHaveLength(2)
    // The one that ran was ended by the shutdown: that is no failure of the receiver.
    expect(reader.stats()).toMatchObject({ exports: 1, failures: { timeout: 1 } })
  })

  test('takes 1.5 s when the collection hangs', async () => {
    const { pipeline, reader } = setUp()
    pipeline.meter.createObservableGauge('slow').addCallback(async () => new Promise<never>(() => {}))
    const stopping = reader.shutdown({ timeoutMillis: 2000 })
    await vi.advanceTimersByTimeAsync(1500)
    await stopping
    expect(reader.stats().failures.collection).toBe(1)
    await vi.advanceTimersByTimeAsync(5000)
    await pipeline.shutdown()
  })

  test('does not wait when nobody listens, and nothing is pushed after it', async () => {
    const { pipeline, pushes, reader } = setUp(() => refused)
    await pipeline.shutdown()
    reader.start()
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS)
    expect(pushes).toHaveLength(1)
  })
})
