import { ValueType } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType, type DataPoint, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDepartures } from '../../src/exporters/otlp-batch.ts'

const GAUGE = 'lean_gossip_mesh_peers'

function batchOf(clients: readonly string[]): ResourceMetrics {
  const descriptor = { name: GAUGE, description: '', unit: '', valueType: ValueType.DOUBLE }
  const dataPoints = clients.map((client) => ({
    attributes: { client },
    value: 1,
    startTime: [0, 0] as [number, number],
    endTime: [1, 0] as [number, number],
  }))
  const metrics = [
    {
      descriptor,
      dataPoints,
      dataPointType: DataPointType.GAUGE as const,
      aggregationTemporality: AggregationTemporality.DELTA,
    },
  ]
  return { resource: emptyResource(), scopeMetrics: [{ scope: { name: 'leanmesh' }, metrics }] }
}

function valuesOf(batch: ResourceMetrics): Record<string, unknown> {
  const metrics = batch.scopeMetrics.flatMap((scope) => scope.metrics)
  const points: DataPoint<unknown>[] = metrics.flatMap(({ dataPoints }): DataPoint<unknown>[] => dataPoints)
  return Object.fromEntries(points.map(({ attributes, value }) => [attributes['client'], value]))
}

/** What became of a push: the sender heard that it arrived, it did without the sender hearing, or it was lost. */
const fate = fc.constantFrom('arrived', 'unheard', 'lost')
const table = fc.subarray(['zeam_0', 'ream_0', 'qlean_0', 'lantern_0'])

test('whatever is lost on the way, a receiver that never forgets agrees with each push that arrives', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ table, fate })), (pushes) => {
      const departures = createDepartures([GAUGE])
      const receiver = new Map<string, unknown>()
      for (const push of pushes) {
        const values = valuesOf(departures.addZeros(batchOf(push.table)))
        if (push.fate !== 'lost') for (const [client, value] of Object.entries(values)) receiver.set(client, value)
        if (push.fate === 'arrived') departures.arrived()
        // Without a single name nothing is known of the gauge: that is a collection without it.
        if (push.fate === 'lost' || push.table.length === 0) continue
        const present = [...receiver].filter(([, value]) => value === 1).map(([client]) => client)
        expect(present.sort()).toEqual(push.table.toSorted())
      }
    }),
  )
})

test('a zero is pushed once: a series that ended before it has no more points', () => {
  const departures = createDepartures([GAUGE])
  const said = [['zeam_0', 'ream_0'], ['zeam_0'], ['zeam_0']].map((clients) => {
    const values = valuesOf(departures.addZeros(batchOf(clients)))
    departures.arrived()
    return values
  })
  expect(said).toEqual([{ zeam_0: 1, ream_0: 1 }, { zeam_0: 1, ream_0: 0 }, { zeam_0: 1 }])
})

test('a gauge that is in no collection for a while departs nobody', () => {
  const departures = createDepartures([GAUGE])
  departures.addZeros(batchOf(['zeam_0']))
  departures.arrived()
  expect(valuesOf(departures.addZeros(batchOf([])))).toEqual({})
  departures.arrived()
  expect(valuesOf(departures.addZeros(batchOf(['ream_0'])))).toEqual({ ream_0: 1, zeam_0: 0 })
})

test('other gauges just end', () => {
  const departures = createDepartures(['another'])
  departures.addZeros(batchOf(['zeam_0', 'ream_0']))
  departures.arrived()
  expect(valuesOf(departures.addZeros(batchOf(['zeam_0'])))).toEqual({ zeam_0: 1 })
})
