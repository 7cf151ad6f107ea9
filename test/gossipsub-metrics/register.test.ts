import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Gauge, Histogram, LabelsOf, NoLabels } from '../../src/gossipsub-metrics/metrics-register.ts'
import { createGossipsubRegister, type GossipsubRegister } from '../../src/gossipsub-metrics/register.ts'
import { MAX_TOPICS } from '../../src/gossipsub-metrics/topic-labels.ts'

const TOPICS = [
  ['/a', 'a'],
  ['/b', 'b'],
] as const
const FORWARDED = 'gossipsub_msg_forward_peers_total'
const BACKOFF = 'gossipsub_connected_peers_backoff_seconds'

type Topic = { topic: string }
type TopicStringGauge = Gauge<{ topicStr: string }>

const config = (name: string) => ({ name, help: '' })

/** A register of the topics, and what gossipsub tells it of one metric by. */
function gaugeOf<Labels extends LabelsOf = NoLabels>(name: string) {
  const register = createGossipsubRegister({ topics: TOPICS })
  const gauge: Gauge<Labels> = register.metricsRegister.gauge(config(name))
  return { register, gauge }
}

/** The values of one metric by its labels, `topic=a`; those of histograms as they are. */
function values(register: GossipsubRegister, metric: string): Record<string, unknown> {
  const { totals, levels } = register.read()
  const found = [...totals, ...levels].filter((each) => each.metric === metric)
  const key = (labels: object) =>
    Object.entries(labels)
      .map((label) => label.join('='))
      .join(',')
  return Object.fromEntries(found.map(({ labels, value }) => [key(labels), value]))
}

const refused = (register: GossipsubRegister) => values(register, 'leanmesh_gossipsub_refused_total')

describe('counters', () => {
  it('are the sum of their increments, in whatever order those come, topic by topic', () => {
    const increments = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'other', '/made-up'), fc.nat(1000)))
    fc.assert(
      fc.property(increments, (increments) => {
        const totalsOf = (all: [string, number][]) => {
          const { register, gauge } = gaugeOf<Topic>(FORWARDED)
          for (const [topic, count] of all) gauge.inc({ topic }, count)
          return values(register, FORWARDED)
        }
        const sum = (...topics: string[]) =>
          increments.reduce((total, [topic, count]) => total + (topics.includes(topic) ? count : 0), 0)
        const totals = totalsOf(increments)
        expect(totals['topic=a'] ?? 0).toBe(sum('a'))
        expect(totals['topic=b'] ?? 0).toBe(sum('b'))
        expect(totals['topic=other'] ?? 0).toBe(sum('other', '/made-up'))
        expect(totalsOf(increments.toReversed())).toEqual(totals)
      }),
    )
  })

  it('count one without an amount, and nothing that would make them go back or no number', () => {
    const { register, gauge } = gaugeOf('gossipsub_rpc_recv_count_total')
    gauge.inc()
    for (const amount of [-1, Number.NaN, Infinity]) gauge.inc(amount)
    gauge.set(0)
    expect(values(register, 'gossipsub_rpc_recv_count_total')).toEqual({ '': 1 })
    expect(refused(register)).toEqual({ 'reason=invalid_value': 3 })
  })

  it('have their own names where gossipsub misspells them', () => {
    const { register, gauge } = gaugeOf('gossip_iwant_promise_untracked')
    gauge.inc(2)
    expect(values(register, 'gossipsub_iwant_promise_untracked_total')).toEqual({ '': 2 })
  })
})

describe('topics', () => {
  it('that peers make up add no series, however many there are', () => {
    const { register, gauge: forwarded } = gaugeOf<Topic>(FORWARDED)
    const subscribers: TopicStringGauge = register.metricsRegister.gauge(config('gossipsub_topic_peer_count'))
    subscribers.addCollect(() => {
      for (let index = 0; index < 10_000; index++) subscribers.set({ topicStr: `/made-up/${index}` }, 1)
    })
    for (let index = 0; index < 10_000; index++) forwarded.inc({ topic: `/made-up/${index}` }, 1)
    expect(values(register, FORWARDED)).toEqual({ 'topic=other': 10_000 })
    expect(values(register, 'gossipsub_topic_peers')).toEqual({})
    expect(refused(register)).toEqual({})
  })

  it('cannot be made up to look like a label', () => {
    const { topicStrToLabel } = createGossipsubRegister({ topics: TOPICS })
    expect(['/a', 'a', '/made-up'].map((topic) => topicStrToLabel.get(topic))).toEqual(['a', 'other', 'other'])
  })

  it('that are deleted end, and those that come back count anew', () => {
    const { register, gauge: forwarded } = gaugeOf<Topic>(FORWARDED)
    for (const topic of ['a', 'b']) forwarded.inc({ topic }, 5)
    register.topicStrToLabel.delete('/a')
    expect(values(register, FORWARDED)).toEqual({ 'topic=b': 5 })
    forwarded.inc({ topic: 'a' }, 1)
    expect(values(register, FORWARDED)).toEqual({ 'topic=b': 5, 'topic=other': 1 })
    register.topicStrToLabel.set('/a', 'a')
    forwarded.inc({ topic: 'a' }, 1)
    expect(values(register, FORWARDED)).toEqual({ 'topic=a': 1, 'topic=b': 5, 'topic=other': 1 })
  })

  it('beyond the limit are `other`, and counted', () => {
    const topics = Array.from({ length: MAX_TOPICS + 3 }, (_, index) => [`/${index}`, `label-${index}`] as const)
    const register = createGossipsubRegister({ topics })
    expect(register.topicStrToLabel.get(`/${MAX_TOPICS - 1}`)).toBe(`label-${MAX_TOPICS - 1}`)
    expect(register.topicStrToLabel.get(`/${MAX_TOPICS}`)).toBe('other')
    expect(refused(register)).toEqual({ 'reason=topic_limit': 3 })
  })
})

describe('levels', () => {
  /** As gossipsub tells them: of joining and leaving at once, of the peers at each reading. */
  function subscribable() {
    const register = createGossipsubRegister({ topics: TOPICS })
    const status: TopicStringGauge = register.metricsRegister.gauge(config('gossipsub_topic_subscription_status'))
    const mesh: TopicStringGauge = register.metricsRegister.gauge(config('gossipsub_mesh_peer_count'))
    const meshes = new Map<string, number>()
    mesh.addCollect(() => meshes.forEach((peers, topicStr) => mesh.set({ topicStr }, peers)))
    const subscribe = (topicStr: string, isSubscribed: boolean) => status.set({ topicStr }, isSubscribed ? 1 : 0)
    return { register, meshes, subscribe, read: () => values(register, 'gossipsub_mesh_peers') }
  }

  it('of a topic that gossipsub no longer tells of read 0 while it is subscribed, and end with that', () => {
    const { register, meshes, subscribe, read } = subscribable()
    subscribe('/a', true)
    meshes.set('/a', 3)
    expect(read()).toEqual({ 'topic=a': 3 })
    meshes.delete('/a')
    expect(read()).toEqual({ 'topic=a': 0 })
    subscribe('/a', false)
    expect(read()).toEqual({})
    expect(values(register, 'gossipsub_topic_subscription_status')).toEqual({})
  })

  it('of topics with one label are added up', () => {
    const { register, meshes, subscribe, read } = subscribable()
    register.topicStrToLabel.set('/a2', 'a')
    for (const topic of ['/a', '/a2']) subscribe(topic, true)
    meshes.set('/a', 3).set('/a2', 4)
    expect(read()).toEqual({ 'topic=a': 7 })
  })

  it('are asked for at a reading and at no other time', () => {
    const { register, gauge } = gaugeOf('gossipsub_mcache_size')
    let asked = 0
    gauge.addCollect(() => gauge.set(++asked))
    expect(asked).toBe(0)
    expect(values(register, 'gossipsub_mcache_size')).toEqual({ '': 1 })
    expect(values(register, 'gossipsub_mcache_size')).toEqual({ '': 2 })
  })

  it('that cannot be read are counted, and everything else is read', () => {
    const { register, gauge } = gaugeOf('gossipsub_mcache_size')
    gauge.addCollect(() => {
      throw new Error('not started')
    })
    gauge.addCollect(() => gauge.set(7))
    expect(values(register, 'gossipsub_mcache_size')).toEqual({ '': 7 })
    expect(refused(register)).toEqual({ 'reason=collect_failed': 2 })
  })

  it('go up and down by increments', () => {
    const { register, gauge } = gaugeOf<{ protocol: string }>('gossipsub_peers_per_protocol_count')
    for (const change of [1, 1, -1]) gauge.inc({ protocol: '/meshsub/1.2.0' }, change)
    gauge.inc({ protocol: '/made/up' }, 1)
    expect(values(register, 'gossipsub_peers_per_protocol')).toEqual({
      'protocol=/meshsub/1.2.0': 1,
      'protocol=other': 1,
    })
    expect(refused(register)).toEqual({ 'reason=unknown_label': 1 })
  })

  it('of averages are an average, a lowest and a highest, and end where there is nothing to average', () => {
    const register = createGossipsubRegister({ topics: TOPICS })
    const scores = register.metricsRegister.avgMinMax(config('gossipsub_score'))
    let peers = [4, -2, 1]
    const trigger: Gauge = register.metricsRegister.gauge(config('gossipsub_mcache_size'))
    trigger.addCollect(() => scores.set(peers))
    expect(['avg', 'min', 'max'].map((part) => values(register, `gossipsub_score_${part}`))).toEqual([
      { '': 1 },
      { '': -2 },
      { '': 4 },
    ])
    peers = []
    expect(values(register, 'gossipsub_score_avg')).toEqual({})
  })
})

describe('histograms', () => {
  const observed = (name: string, buckets: number[], observations: number[]) => {
    const register = createGossipsubRegister({ topics: TOPICS })
    const histogram: Histogram = register.metricsRegister.histogram({ ...config(name), buckets })
    for (const value of observations) histogram.observe(value)
    return { register, histogram }
  }

  it('have gossipsub’s buckets, each bound once: it has the same one five times over', () => {
    const name = 'gossipsub_peer_stat_behaviour_penalty'
    const { register } = observed(name, [0, 0, 0, 0, 0], [0, 0, 3])
    expect(values(register, name)).toEqual({ '': { counts: [2, 1], sum: 3 } })
  })

  it('never go back where gossipsub resets them to tell anew', () => {
    const { register, histogram } = observed(BACKOFF, [1, 10], [5])
    histogram.reset()
    histogram.observe(0.5)
    expect(values(register, BACKOFF)).toEqual({ '': { counts: [1, 1, 0], sum: 5.5 } })
  })

  it('take a time that a clock stepping back made negative as 0, and what is no number not at all', () => {
    const { register } = observed(BACKOFF, [1], [-3, Number.NaN])
    expect(values(register, BACKOFF)).toEqual({ '': { counts: [1, 0], sum: 0 } })
    expect(refused(register)).toEqual({ 'reason=invalid_value': 1 })
  })

  it('time what lies between the start of a timer and its end', () => {
    const { register, histogram } = observed('gossipsub_heartbeat_duration_seconds', [60], [])
    histogram.startTimer()()
    expect(values(register, 'gossipsub_heartbeat_duration_seconds')).toMatchObject({ '': { counts: [1, 0] } })
  })

  it('hold each observation once, and a state that was read does not change', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), (observations) => {
        const { register, histogram } = observed(BACKOFF, [1, 10, 100], observations)
        const before = register.read()
        const copy = structuredClone(before)
        histogram.observe(1)
        expect(before).toEqual(copy)
        const { counts = [], sum = 0 } = (values(register, BACKOFF)[''] ?? {}) as { counts?: number[]; sum?: number }
        expect(counts.reduce((a, b) => a + b, 0)).toBe(observations.length + 1)
        expect(sum).toBe(observations.reduce((a, b) => a + b, 1))
      }),
    )
  })
})

it('a metric that the table does not know does nothing, and its use is counted', () => {
  const { register, gauge } = gaugeOf('gossipsub_of_tomorrow')
  gauge.inc()
  gauge.set(4)
  register.metricsRegister.histogram(config('gossipsub_histogram_of_tomorrow')).startTimer()()
  expect(register.read().totals).toEqual([
    { metric: 'leanmesh_gossipsub_refused_total', labels: { reason: 'unknown_metric' }, value: 3 },
  ])
})
