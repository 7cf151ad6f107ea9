import { describe, expect, test } from 'vitest'
import { createExpositionParser } from '../../src/companion/exposition-parser.ts'
import { judgeMetric, metadataNames, type MetricVerdict } from '../../src/companion/judge-metric.ts'
import { LEAN_NETWORK_METRICS } from '../../src/mesh/lean-metrics.ts'

function judge(name: string, text: string, isOpenMetrics = false): MetricVerdict {
  const metric = LEAN_NETWORK_METRICS.find((metric) => metric.name === name)
  if (!metric) throw new Error(`the specification has no ${name}`)
  const parser = createExpositionParser({ wanted: metadataNames(metric), prefix: 'lean_' })
  parser.push(Buffer.from(`${text}\n`))
  return judgeMetric(metric, parser.end(), isOpenMetrics)
}

/** HELP, TYPE and series of a metric. */
function family(name: string, type: string, help: string, ...series: string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...series.map((text) => name + text)].join('\n')
}

const MESH = 'lean_gossip_mesh_peers'
const MESH_HELP = 'Number of peers in the gossipsub mesh'
const EVENTS = 'lean_peer_connection_events_total'
const EVENTS_HELP = 'Total number of peer connection events'
const SIZES = 'lean_gossip_attestation_size_bytes'
const SIZES_HELP = 'Bytes size of a gossip attestation message'
const BUCKETS = ['512', '1024.0', '2.048e+03', '4096', '8192', '16384', '+Inf']
const sizes = (bounds: readonly string[]) => [...bounds.map((le) => `_bucket{le="${le}"} 1`), '_sum 5', '_count 1']

describe('a metric conforms', () => {
  test.each([
    [MESH, family(MESH, 'gauge', MESH_HELP, '{client="zeam_0"} 1', '{client="unknown"} 0')],
    [EVENTS, family(EVENTS, 'counter', EVENTS_HELP, '{direction="inbound",result="timeout"} 1')],
    [SIZES, family(SIZES, 'histogram', SIZES_HELP, ...sizes(BUCKETS))],
    ['lean_node_info', family('lean_node_info', 'gauge', 'Node information (always 1)', '{name="x",version="y"} 1')],
  ])('%s as it is specified', (name, text) => {
    expect(judge(name, text)).toEqual({ metric: name, verdict: 'conforms', deviations: [] })
  })

  test('when OpenMetrics names a counter without _total and ends the help with a full stop', () => {
    const [metadata] = family(EVENTS.replace('_total', ''), 'counter', `${EVENTS_HELP}.`, ' x').split('\nlean')
    const text = `${metadata}\n${EVENTS}{direction="inbound",result="timeout"} 1`
    expect(judge(EVENTS, text, true).verdict).toBe('conforms')
    expect(judge(EVENTS, text, false)).toMatchObject({
      verdict: 'deviates',
      deviations: [
        'HELP and TYPE are of "lean_peer_connection_events", which only OpenMetrics takes for a counter\'s name',
      ],
    })
    expect(judge(EVENTS, metadata ?? '', true)).toMatchObject({ verdict: 'absent' })
  })
})

describe('a metric is absent', () => {
  test('when nothing of it is there', () => {
    expect(judge(MESH, 'lean_other 1')).toEqual({ metric: MESH, verdict: 'absent', deviations: [] })
  })

  test('when it is only declared', () => {
    const deviations = ['it is declared, but has no series']
    expect(judge(MESH, family(MESH, 'gauge', MESH_HELP))).toEqual({ metric: MESH, verdict: 'absent', deviations })
  })
})

describe('a metric deviates', () => {
  const direction = '{direction="inbound",result="success"} 1'
  test.each([
    [
      'type',
      MESH,
      family(MESH, 'counter', MESH_HELP, '{client="a_1"} 1'),
      ['its type is "counter" and should be gauge'],
    ],
    [
      'no metadata',
      MESH,
      `${MESH}{client="a_1"} 1`,
      [/^it has no TYPE line; its type is gauge$/, /^it has no HELP line; /],
    ],
    [
      'help',
      MESH,
      family(MESH, 'gauge', 'Mesh peers', '{client="a_1"} 1'),
      [`its help is "Mesh peers" and should be "${MESH_HELP}"`],
    ],
    ['a missing label', MESH, family(MESH, 'gauge', MESH_HELP, ' 1'), ['the label client is missing']],
    [
      'other labels',
      MESH,
      family(MESH, 'gauge', MESH_HELP, '{client="a_1",topic="b",node="c"} 1'),
      ['"topic", "node" are no labels of it'],
    ],
    [
      'no name of a client',
      MESH,
      family(MESH, 'gauge', MESH_HELP, ...['total', 'Zeam_0', 'zeam', ''].map((name) => `{client="${name}"} 1`)),
      [
        'the label client is "total", "Zeam_0", "zeam" and 1 more and should be <client>_<N> of the remote peer, or unknown',
      ],
    ],
    [
      'more than one peer of one name',
      MESH,
      family(MESH, 'gauge', MESH_HELP, '{client="unknown"} 3', '{client="lantern_0"} 8'),
      ['client "lantern_0" has 8 and is one peer: is it the client\'s own name, or a count of topics?'],
    ],
    [
      'a value out of the set',
      EVENTS,
      family(EVENTS, 'counter', EVENTS_HELP, direction, '{direction="in",result="success"} 1'),
      ['the label direction is "in" and should be inbound or outbound'],
    ],
    [
      'labels that objects inherit',
      MESH,
      family(MESH, 'gauge', MESH_HELP, '{client="a_1",constructor="x",__proto__="y"} 1'),
      ['"constructor", "__proto__" are no labels of it'],
    ],
    [
      'an empty text',
      'lean_node_info',
      family('lean_node_info', 'gauge', 'Node information (always 1)', '{name="",version="1"} 1'),
      ['the label name is "" and should be a text'],
    ],
    [
      'other buckets',
      SIZES,
      family(SIZES, 'histogram', SIZES_HELP, ...sizes(['512', '1000', '+Inf'])),
      ['its buckets are 512, 1000, +Inf and should be 512, 1024, 2048, 4096, 8192, 16384, +Inf'],
    ],
    [
      'one bucket more',
      SIZES,
      family(SIZES, 'histogram', SIZES_HELP, ...sizes(['256', ...BUCKETS])),
      [/^its buckets are 256, 512, .+ and should be 512, /],
    ],
    [
      'no last bucket',
      SIZES,
      family(SIZES, 'histogram', SIZES_HELP, ...sizes(BUCKETS.slice(0, -1))),
      [/^its buckets are 512, .+, 16384 and should be .+, \+Inf$/],
    ],
    [
      'the buckets of a summary',
      SIZES,
      family(SIZES, 'summary', SIZES_HELP, '{quantile="0.5"} 1', '_sum 5', '_count 1'),
      [
        'its type is "summary" and should be histogram',
        `it has no series ${SIZES}_bucket`,
        `it has the series ${SIZES}, which a histogram has not`,
        '"quantile" is no label of it',
      ],
    ],
    [
      'a counter without _total',
      EVENTS,
      family('lean_peer_connection_events', 'counter', EVENTS_HELP, direction),
      ['it is named "lean_peer_connection_events"'],
    ],
    ['a slip in its name', MESH, 'lean_gossip_mesh_peer{client="a_1"} 1', ['it is named "lean_gossip_mesh_peer"']],
    ['a wrong type without series', MESH, family(MESH, 'counter', MESH_HELP), [/^its type is "counter"/]],
    [
      'a series twice',
      MESH,
      family(MESH, 'gauge', MESH_HELP, '{client="a_1"} 1', '{client="a_1"} 2'),
      ['it has a series twice'],
    ],
  ])('by %s', (_, name, text, deviations) => {
    const verdict = judge(name, text)
    expect(verdict).toMatchObject({ metric: name, verdict: 'deviates' })
    expect(verdict.deviations).toEqual(
      deviations.map((text) => (text instanceof RegExp ? expect.stringMatching(text) : text)),
    )
  })
})
