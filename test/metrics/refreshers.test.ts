import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRefreshers, MAX_REFRESHERS, type Refresher } from '../../src/metrics/refreshers.ts'

const forever = async () => new Promise<void>(() => {})

function setUp(deadlineMs = 100) {
  return createRefreshers({ deadlineMs }, { clock: { nowMs: () => Date.now() } })
}

function named(name: string, refresh: Refresher['refresh'] = () => {}, deadlineMs?: number): Refresher {
  return deadlineMs === undefined ? { name, refresh } : { name, refresh, deadlineMs }
}

describe('the refresher registry', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    expect(vi.getTimerCount(), 'timers left behind').toBe(0)
    vi.useRealTimers()
  })

  it('tells when one begins to fail, fails for another reason, and recovers, not each time that it ran', async () => {
    const changes: (string | undefined)[] = []
    const onRefresherChange = ({ error }: { error?: string }) => void changes.push(error)
    const deps = { clock: { nowMs: () => 0 }, onRefresherChange }
    const refreshers = createRefreshers({ deadlineMs: 100 }, deps)
    let error: Error | undefined
    refreshers.addSource(
      named('names', () => {
        if (error) throw error
      }),
    )
    for (const next of [undefined, 'gone', 'gone', 'empty', undefined, undefined]) {
      error = next === undefined ? undefined : new Error(next)
      await refreshers.refresh()
    }
    expect(changes).toEqual(['gone', 'empty', undefined])
  })

  it('refreshes nothing when nothing is registered', async () => {
    const refreshers = setUp()
    await refreshers.refresh()
    expect(refreshers.statuses()).toEqual([])
  })

  it('runs observers only after every source, whatever the order of registration', async () => {
    const refreshers = setUp()
    const order: string[] = []
    const source = Promise.withResolvers<void>()
    refreshers.addObserver(named('observer', () => void order.push('observer')))
    refreshers.addSource(named('slow', async () => source.promise.then(() => void order.push('slow'))))
    refreshers.addSource(named('quick', () => void order.push('quick')))
    const refresh = refreshers.refresh()
    await vi.advanceTimersByTimeAsync(50)
    expect(order).toEqual(['quick'])
    source.resolve()
    await refresh
    expect(order).toEqual(['quick', 'slow', 'observer'])
  })

  it('isolates one that throws, one that rejects and one that hangs: the others succeed', async () => {
    const refreshers = setUp()
    refreshers.addSource(
      named('throws', () => {
        throw new Error('broken')
      }),
    )
    refreshers.addSource(named('rejects', async () => Promise.reject(new Error('refused'))))
    refreshers.addObserver(named('hangs', forever))
    refreshers.addObserver(named('works'))
    const refresh = refreshers.refresh()
    await vi.advanceTimersByTimeAsync(100)
    await refresh
    expect(refreshers.statuses()).toEqual([
      { name: 'throws', durationSeconds: 0, succeeded: false, error: 'broken' },
      { name: 'rejects', durationSeconds: 0, succeeded: false, error: 'refused' },
      { name: 'hangs', durationSeconds: 0.1, succeeded: false, error: 'missed its deadline of 100 ms' },
      { name: 'works', durationSeconds: 0, succeeded: true },
    ])
  })

  it('takes one deadline of sources and one of observers at most, however many hang', async () => {
    const refreshers = setUp(1000)
    for (let index = 0; index < 8; index++) {
      refreshers.addSource(named(`source ${index}`, forever, 250))
      refreshers.addObserver(named(`observer ${index}`, forever))
    }
    const start = Date.now()
    const refresh = refreshers.refresh()
    await vi.runAllTimersAsync()
    await refresh
    expect(Date.now() - start).toBe(1250)
  })

  it("aborts the signal at the refresher's own deadline", async () => {
    const refreshers = setUp()
    const aborts: number[] = []
    const waitForAbort = async (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => {
          aborts.push(Date.now())
          reject(new Error('aborted'))
        })
      })
    refreshers.addSource(named('patient', waitForAbort, 30))
    const start = Date.now()
    const refresh = refreshers.refresh()
    await vi.advanceTimersByTimeAsync(30)
    await refresh
    expect(aborts).toEqual([start + 30])
    expect(refreshers.statuses()[0]?.error).toBe('missed its deadline of 30 ms')
  })

  it('does not start one again while its abandoned run hangs, and does once that has ended', async () => {
    const refreshers = setUp()
    const runs: PromiseWithResolvers<void>[] = []
    refreshers.addSource(
      named('stubborn', async () => {
        runs.push(Promise.withResolvers<void>())
        await runs.at(-1)?.promise
      }),
    )
    const first = refreshers.refresh()
    await vi.advanceTimersByTimeAsync(100)
    await first
    await refreshers.refresh()
    expect(runs).toHaveLength(1)
    expect(refreshers.statuses()[0]).toMatchObject({ succeeded: false, error: 'its last run still hangs' })

    runs[0]?.resolve()
    await vi.advanceTimersByTimeAsync(0)
    const third = refreshers.refresh()
    runs[1]?.resolve()
    await third
    expect(runs).toHaveLength(2)
    expect(refreshers.statuses()[0]?.succeeded).toBe(true)
  })

  it('is single-flight: calls during a run share it, a call after it starts another', async () => {
    const refreshers = setUp()
    let runs = 0
    refreshers.addSource(named('counted', () => void runs++))
    await Promise.all([refreshers.refresh(), refreshers.refresh(), refreshers.refresh()])
    expect(runs).toBe(1)
    await refreshers.refresh()
    expect(runs).toBe(2)
  })

  it('refuses the 33rd, naming it and the limit, and goes on with the 32', async () => {
    const refreshers = setUp()
    let runs = 0
    for (let index = 0; index < MAX_REFRESHERS; index++) {
      refreshers[index % 2 === 0 ? 'addSource' : 'addObserver'](named(`refresher ${index}`, () => void runs++))
    }
    expect(() => refreshers.addObserver(named('the last straw'))).toThrow(/'the last straw'.*32/)
    await refreshers.refresh()
    expect(runs).toBe(32)
  })

  it('refuses a name that is taken, in either list', () => {
    const refreshers = setUp()
    refreshers.addSource(named('mesh'))
    expect(() => refreshers.addSource(named('mesh'))).toThrow(/'mesh'/)
    expect(() => refreshers.addObserver(named('mesh'))).toThrow(/'mesh'/)
  })
})
