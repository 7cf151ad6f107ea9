import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMetricsPipeline, type MetricsPipelineDeps } from '../../src/exporters/metrics-pipeline.ts'
import { StockReader } from '../support/host-application.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { fakeNetwork, runningNetwork } from '../support/network-states.ts'

const forever = async () => new Promise<never>(() => {})

function pipelineOf(deps: Partial<MetricsPipelineDeps> = {}) {
  return createMetricsPipeline(
    { resource: {}, version: 'test', startTimeMs: 0, collectionDeadlineMs: 100 },
    { totals: async () => [], onRejected: () => {}, ...deps },
  )
}

describe('a scrape', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    expect(vi.getTimerCount(), 'timers left behind').toBe(0)
    vi.useRealTimers()
  })

  it('has the content type that names the version of the text format', async () => {
    expect(await pipelineOf().scrape()).toMatchObject({
      ok: true,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    })
  })

  it('shares one collection with the scrapes during it, and not with the next', async () => {
    const pipeline = pipelineOf()
    let calls = 0
    pipeline.meter.createObservableGauge('calls').addCallback((result) => result.observe(++calls))
    const bodies = await Promise.all([pipeline.scrape(), pipeline.scrape(), pipeline.scrape()])
    expect(calls).toBe(1)
    expect(new Set(bodies).size).toBe(1)
    await pipeline.scrape()
    expect(calls).toBe(2)
  })

  it('fails with the reason, and without a body, when a callback throws', async () => {
    const pipeline = pipelineOf()
    pipeline.meter.createObservableGauge('fine').addCallback((result) => result.observe(1))
    pipeline.meter.createObservableGauge('broken').addCallback(() => {
      throw new Error('the gauge is\nbroken')
    })
    expect(await pipeline.scrape()).toEqual({
      ok: false,
      reason: 'The collection is incomplete: the gauge is broken',
    })
  })

  it('fails when the totals fail', async () => {
    const pipeline = pipelineOf({ totals: async () => Promise.reject(new Error('no totals')) })
    expect(await pipeline.scrape()).toEqual({ ok: false, reason: 'The collection is incomplete: no totals' })
  })

  it('fails at the deadline when a callback hangs, and the next one succeeds', async () => {
    const pipeline = pipelineOf()
    let hangs = true
    pipeline.meter.createObservableGauge('slow').addCallback(async (result) => {
      if (hangs) await forever()
      result.observe(1)
    })
    const scrape = pipeline.scrape()
    await vi.advanceTimersByTimeAsync(100)
    expect(await scrape).toMatchObject({ ok: false })
    hangs = false
    expect(await pipeline.scrape()).toMatchObject({ ok: true, body: expect.stringContaining('\nslow 1\n') as string })
  })

  it('fails at the deadline when the totals hang, and the next one succeeds', async () => {
    let hangs = true
    const pipeline = pipelineOf({ totals: async () => (hangs ? forever() : []) })
    const scrape = pipeline.scrape()
    await vi.advanceTimersByTimeAsync(100)
    expect(await scrape).toMatchObject({ ok: false, reason: expect.stringContaining('100 ms') as string })
    hangs = false
    expect(await pipeline.scrape()).toMatchObject({ ok: true })
  })

  it('throws away what a hung callback observes after the deadline', async () => {
    const pipeline = pipelineOf()
    const { promise, resolve } = Promise.withResolvers<void>()
    let calls = 0
    pipeline.meter.createObservableGauge('late').addCallback(async (result) => {
      if (++calls > 1) return
      await promise
      result.observe(1)
    })
    const scrape = pipeline.scrape()
    await vi.advanceTimersByTimeAsync(100)
    expect((await scrape).ok).toBe(false)
    resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(await pipeline.scrape()).toMatchObject({ ok: true, body: expect.not.stringContaining('late') as string })
  })
})

describe('a second reader', () => {
  it('that collects at the same moment gets the same collection: the swarm is asked once', async () => {
    const network = fakeNetwork(runningNetwork(['a', 'b']))
    const { pipeline } = setUpMetrics([network])
    const second = new StockReader()
    pipeline.attach(second)
    const [scrape, collected] = await Promise.all([pipeline.scrape(), second.collect()])
    expect(network.refreshes).toBe(1)
    expect(scrape).toMatchObject({ ok: true, body: expect.stringContaining('lean_gossip_mesh_peers 2\n') as string })
    expect(valuesOf(collected, 'lean_gossip_mesh_peers')).toEqual([2])
    expect(valuesOf(collected, 'leanmesh_dials_total')).toEqual([0, 0])
  })

  it('that collects between two scrapes does not bring ended series back', async () => {
    const network = fakeNetwork(runningNetwork(['a']))
    const { pipeline, scrape } = setUpMetrics([network])
    const second = new StockReader()
    pipeline.attach(second)
    await scrape()
    await second.collect()
    network.current = { ...network.current, topics: [] }
    expect(await scrape()).not.toContain('leanmesh_mesh_memberships')
    expect(valuesOf(await second.collect(), 'leanmesh_mesh_memberships')).toEqual([])
  })
})

describe('shutting down', () => {
  it('is idempotent, and a scrape after it fails with a reason', async () => {
    const pipeline = pipelineOf()
    let shutdowns = 0
    class Counted extends StockReader {
      protected override async onShutdown() {
        shutdowns++
      }
    }
    pipeline.attach(new Counted())
    await Promise.all([pipeline.shutdown(), pipeline.shutdown()])
    await pipeline.shutdown()
    expect(shutdowns).toBe(1)
    expect(await pipeline.scrape()).toMatchObject({ ok: false, reason: expect.stringContaining('shutdown') as string })
  })

  it('lets a reader collect one last time, and goes on when that fails', async () => {
    const pipeline = pipelineOf()
    const collected: boolean[] = []
    class LastPush extends StockReader {
      protected override async onShutdown() {
        collected.push((await this.collect()).errors.length === 0)
        throw new Error('the collector is gone')
      }
    }
    pipeline.attach(new LastPush())
    await pipeline.shutdown()
    expect(collected).toEqual([true])
  })
})

function valuesOf({ resourceMetrics }: Awaited<ReturnType<StockReader['collect']>>, name: string): unknown[] {
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
  return metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints.map(({ value }) => value) ?? []
}
