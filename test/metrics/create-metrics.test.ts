import { createNoopMeter, type BatchObservableCallback, type Meter, type ObservableCallback } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/metrics/catalogue.ts'
import { createMetrics } from '../../src/metrics/create-metrics.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { BLOCK, fakeNetwork, networkState, runningNetwork } from '../support/network-states.ts'

const usage = { cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 }

/** The lines of one metric. */
function lines(body: string, metric: string): string[] {
  return body.split('\n').filter((line) => line.startsWith(metric))
}

describe('one collection', () => {
  it('runs each refresher once, for the gauge, the batch and the totals together', async () => {
    const network = fakeNetwork(runningNetwork(['a']))
    const { scrape, metrics } = setUpMetrics([network])
    let runs = 0
    metrics.refreshers.addObserver({ name: 'counted', refresh: () => void runs++ })
    await scrape()
    expect([network.refreshes, runs]).toEqual([1, 1])
    await scrape()
    expect([network.refreshes, runs]).toEqual([2, 2])
  })

  it.each(['own first', 'batch first'])(
    'observes what that refresh brought, with the SDK calling %s',
    async (order) => {
      const network = fakeNetwork(runningNetwork([]))
      network.onRefresh = async () => {
        await Promise.resolve()
        network.current = runningNetwork(['a', 'b'])
      }
      const metrics = createMetrics(
        { version: 'test', snapshotDeadlineMs: 250 },
        {
          networks: [network],
          names: () => undefined,
          clock: { nowMs: () => 0 },
          process: { usage: () => usage, startTimeSeconds: 0 },
          http: { droppedConnections: () => 0 },
        },
      )
      const { meter, collect } = recordingMeter()
      metrics.register(meter)
      const observed = await collect(order === 'batch first')
      expect(observed.get('lean_gossip_mesh_peers')).toEqual([2])
      expect(observed.get('leanmesh_connected_peers')).toEqual([2])
      expect(network.refreshes).toBe(1)
    },
  )

  it('goes on when a source fails: the last snapshot stays, with its age, and success is 0', async () => {
    const network = fakeNetwork(runningNetwork(['a']))
    network.onRefresh = async () => Promise.reject(new Error('swarm is busy'))
    const { scrape } = setUpMetrics([network])
    const body = await scrape()
    expect(lines(body, 'lean_gossip_mesh_peers')).toEqual(['lean_gossip_mesh_peers 1'])
    expect(body).toContain('leanmesh_refresher_success{refresher="network:0"} 0\n')
    expect(body).toContain('leanmesh_snapshot_age_seconds{network_id="0"} 10\n')
  })

  it('loses only its own family when an observer throws, and shows no old values of it', async () => {
    const network = fakeNetwork(runningNetwork(['a']))
    const names = { fails: false }
    const { scrape } = setUpMetrics([network], {
      names: () => {
        if (names.fails) throw new Error('the file is gone')
        return undefined
      },
    })
    expect(lines(await scrape(), 'lean_gossip_mesh_peers')).toHaveLength(1)
    names.fails = true
    const body = await scrape()
    expect(lines(body, 'lean_gossip_mesh_peers')).toEqual([])
    expect(body).toContain('leanmesh_refresher_success{refresher="mesh"} 0\n')
    expect(body).toContain('lean_gossip_mesh_running{network_id="0"} 1\n')
  })

  it('observes nothing after its callbacks were removed', async () => {
    const { meter, collect } = recordingMeter()
    const remove = createMetrics(
      { version: 'test', snapshotDeadlineMs: 250 },
      {
        networks: [],
        names: () => undefined,
        clock: { nowMs: () => 0 },
        process: { usage: () => usage, startTimeSeconds: 0 },
        http: { droppedConnections: () => 0 },
      },
    ).register(meter)
    remove()
    expect((await collect(false)).size).toBe(0)
  })
})

describe('a network that stops', () => {
  it('reads 0 at the next scrape, its topics end, and no counter goes back', async () => {
    const totals = [{ metric: 'leanmesh_dials_total', labels: { result: 'success' }, value: 7 }]
    const network = fakeNetwork({ ...runningNetwork(['a', 'b']), totals, cpuSeconds: 3 })
    const { scrape } = setUpMetrics([network])
    const running = await scrape()
    expect(running).toContain(`leanmesh_mesh_memberships{network_id="0",topic="${BLOCK}"} 2\n`)

    network.current = networkState({
      phase: 'restarting',
      totals,
      cpuSeconds: 3,
      restarts: { exit: 0, killed: 1, hung: 0, memory: 0, start_failed: 0 },
    })
    const stopped = await scrape()
    expect(stopped).toContain('lean_gossip_mesh_peers 0\n')
    expect(stopped).toContain('lean_gossip_mesh_running{network_id="0"} 0\n')
    expect(stopped).toContain('leanmesh_connected_peers{network_id="0"} 0\n')
    expect(lines(stopped, 'leanmesh_mesh_memberships')).toEqual([])
    expect(lines(stopped, 'leanmesh_snapshot_age_seconds')).toEqual([])
    expect(stopped).toContain('leanmesh_dials_total{network_id="0",result="success"} 7\n')
    expect(stopped).toContain('process_cpu_seconds_total{network_id="0",plane="swarm"} 3\n')
  })

  it('has a series of 0 for each restart and drop reason before it ever ran', async () => {
    const body = await setUpMetrics([fakeNetwork(networkState())]).scrape()
    expect(lines(body, 'leanmesh_swarm_restarts_total').every((line) => line.endsWith(' 0'))).toBe(true)
    expect(lines(body, 'leanmesh_swarm_restarts_total')).toHaveLength(5)
    expect(lines(body, 'leanmesh_swarm_command_dropped_total')).toEqual([
      'leanmesh_swarm_command_dropped_total{network_id="0",reason="closed"} 0',
      'leanmesh_swarm_command_dropped_total{network_id="0",reason="full"} 0',
      'leanmesh_swarm_command_dropped_total{network_id="0",reason="uninitialized"} 0',
    ])
  })

  it('cannot make series of topics that are not configured', async () => {
    const network = fakeNetwork(runningNetwork(['a'], { topics: [] }))
    expect(lines(await setUpMetrics([network]).scrape(), 'leanmesh_mesh_memberships')).toEqual([])
  })
})

describe('the catalogue', () => {
  it('names each metric once', () => {
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length)
  })

  it('has the help of lean_gossip_mesh_peers word for word as leanMetrics has it', () => {
    expect(CATALOGUE.find(({ name }) => name === 'lean_gossip_mesh_peers')?.help).toBe(
      'Number of peers in the gossipsub mesh',
    )
  })
})

/** A meter that calls what is registered in an order that a test chooses, all at once as the SDK does. */
function recordingMeter() {
  const own = new Map<ObservableCallback, string>()
  const batches = new Set<BatchObservableCallback>()
  const namesOf = new Map<object, string>()
  const meter: Meter = Object.assign(createNoopMeter(), {
    createObservableGauge(name: string) {
      const gauge = {
        addCallback: (callback: ObservableCallback) => void own.set(callback, name),
        removeCallback: (callback: ObservableCallback) => void own.delete(callback),
      }
      namesOf.set(gauge, name)
      return gauge
    },
    addBatchObservableCallback: (callback: BatchObservableCallback) => void batches.add(callback),
    removeBatchObservableCallback: (callback: BatchObservableCallback) => void batches.delete(callback),
  })
  async function collect(isBatchFirst: boolean): Promise<Map<string, number[]>> {
    const observed = new Map<string, number[]>()
    const record = (name: string, value: number) => void observed.set(name, [...(observed.get(name) ?? []), value])
    const callOwn = () => Array.from(own, async ([call, name]) => call({ observe: (value) => record(name, value) }))
    const callBatches = () =>
      Array.from(batches, async (call) =>
        call({ observe: (gauge, value) => record(namesOf.get(gauge) ?? 'a gauge of another meter', value) }),
      )
    await Promise.all((isBatchFirst ? [callBatches, callOwn] : [callOwn, callBatches]).flatMap((calls) => calls()))
    return observed
  }
  return { meter, collect }
}
