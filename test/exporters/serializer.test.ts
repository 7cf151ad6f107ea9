import { ValueType } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StrictPrometheusSerializer } from '../../src/exporters/prometheus-serializer.ts'
import { parseExposition } from '../support/exposition.ts'

type Labels = Record<string, string>
interface Series {
  attributes: Labels
  value: number
}

const time: [number, number] = [0, 0]

function gauge(name: string, series: Series[], help = 'help'): MetricData {
  return {
    descriptor: { name, description: help, unit: 's', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints: series.map((each) => ({ ...each, startTime: time, endTime: time })),
  }
}

function counter(name: string, series: Series[]): MetricData {
  return { ...gauge(name, series), dataPointType: DataPointType.SUM, isMonotonic: true } as MetricData
}

function histogram(name: string, attributes: Labels): MetricData {
  const value = { buckets: { boundaries: [1], counts: [1, 2] }, count: 3, sum: 5 }
  const dataPoints = [{ attributes, value, startTime: time, endTime: time }]
  return { ...gauge(name, []), dataPointType: DataPointType.HISTOGRAM, dataPoints }
}

function serialize(metrics: MetricData[], resource: Labels = {}): { text: string; rejected: number } {
  let rejected = 0
  const serializer = new StrictPrometheusSerializer({ onRejected: () => rejected++ })
  const text = serializer.serialize({
    resource: resourceFromAttributes(resource),
    scopeMetrics: [{ scope: { name: 'one', version: '1' }, metrics }],
  })
  return { text, rejected }
}

/** What is written beside target_info. */
function families(metrics: MetricData[]) {
  const { text, rejected } = serialize(metrics)
  return { families: parseExposition(text).filter(({ name }) => name !== 'target_info'), rejected }
}

const one = [{ attributes: {}, value: 1 }]

describe('the serializer', () => {
  it('makes an ordinary label of one that Prometheus keeps for itself', () => {
    const reserved = JSON.parse('{"__name__": "another", "__proto__": "object"}') as Labels
    const { text, rejected } = serialize([gauge('a', [{ attributes: reserved, value: 1 }])])
    expect(text).toContain('\na{_name_="another",_proto_="object"} 1\n')
    expect(rejected).toBe(0)
  })

  it('appends no unit, no scope and no timestamp', () => {
    expect(serialize([gauge('lean_gossip_mesh_peers', [{ attributes: {}, value: 4242 }])]).text).toContain(
      '# HELP lean_gossip_mesh_peers help\n# TYPE lean_gossip_mesh_peers gauge\nlean_gossip_mesh_peers 4242\n',
    )
  })

  it('merges keys that become one name, their values in the order of the keys', () => {
    const { text } = serialize([gauge('g', [{ attributes: { 'a.b': 'dot', 'a-b': 'dash', a_b: 'line' }, value: 1 }])], {
      'k8s.pod': 'x',
      k8s_pod: 'y',
    })
    expect(text).toContain('g{a_b="dash;dot;line"} 1\n')
    expect(text).toContain('target_info{k8s_pod="x;y"} 1\n')
  })

  it('makes a valid label of a key that begins with a digit', () => {
    expect(serialize([gauge('g', [{ attributes: { '0bad': 'x' }, value: 1 }])]).text).toContain('g{_0bad="x"} 1\n')
  })

  it.each([
    ['a label without a name', [gauge('g', [{ attributes: { '': 'x' }, value: 1 }])], 0],
    ['a label of signs only', [gauge('g', [{ attributes: { '---': 'x' }, value: 1 }])], 0],
    ['a metric without a name', [gauge('', one)], 0],
    ['a metric of signs only', [gauge('./-', one)], 0],
    ['a metric that is named as the metadata of the target', [gauge('target_info', one)], 0],
    ['a series twice', [gauge('g', [...one, ...one])], 1],
    ['a series twice, in two metrics whose names become one', [gauge('a.b', one), gauge('a-b', one)], 1],
    ['a second type of one name', [gauge('a_total', one), counter('a', one)], 1],
    ['a gauge within a histogram', [histogram('h', {}), gauge('h_count', one)], 1],
    ['the label that a histogram writes itself', [histogram('h', { le: '7' })], 0],
  ])('leaves out %s, counts it, and writes the rest', (_, metrics, written) => {
    const result = families([...metrics, gauge('rest', one)])
    expect(result.rejected).toBe(1)
    expect(result.families.map(({ name }) => name)).toContain('rest')
    expect(result.families).toHaveLength(written + 1)
  })

  it('leaves out a resource attribute that has no name, not the others', () => {
    const { text, rejected } = serialize([], { '---': 'x', 'service.name': 'y' })
    expect(rejected).toBe(1)
    expect(text).toContain('target_info{service_name="y"} 1\n')
  })

  it('writes the same text whatever the order of metrics, series and labels', () => {
    const series = [
      { attributes: { a: '1', b: '2' }, value: 1 },
      { attributes: { b: '1', a: '2' }, value: 2 },
    ]
    const swapped = series.toReversed().map(({ attributes, value }) => {
      const entries = Object.entries(attributes).toReversed()
      return { attributes: Object.fromEntries(entries), value }
    })
    expect(serialize([gauge('x', series), gauge('y', one)]).text).toBe(
      serialize([gauge('y', one), gauge('x', swapped)]).text,
    )
  })

  it('never writes what a strict parser rejects, and loses no value that it did not count', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', 'a.b', 'a-b', '__name__', 'le', '0', '__proto__', '"', '\\', '\n', '\r\n', 'é'),
    )
    const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 1e21, 5e-324))
    const series = fc.array(fc.record({ attributes: fc.dictionary(text, text), value }), { maxLength: 4 })
    const metric = fc.oneof(
      fc.tuple(text, series, text).map(([name, all, help]) => gauge(name, all, help)),
      fc.tuple(text, series).map(([name, all]) => counter(name, all)),
      fc.tuple(text, fc.dictionary(text, text)).map(([name, labels]) => histogram(name, labels)),
    )
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 6 }), fc.dictionary(text, text), (metrics, resource) => {
        const { text: written, rejected } = serialize(metrics, resource)
        const parsed = parseExposition(new TextDecoder().decode(new TextEncoder().encode(written)))
        if (rejected > 0) return
        const points = metrics.filter(({ dataPointType }) => dataPointType !== DataPointType.HISTOGRAM)
        const values = parsed.filter(({ type, name }) => type !== 'histogram' && name !== 'target_info')
        expect(values.flatMap(({ samples }) => samples)).toHaveLength(
          points.reduce((sum, each) => sum + each.dataPoints.length, 0),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('writes label values that read back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const [family] = families([gauge('g', [{ attributes: { key: value }, value: 1 }])]).families
        expect(family?.samples[0]?.labels.get('key')).toBe(value)
      }),
    )
  })
})
