import type { Meter, Observable } from '@opentelemetry/api'
import type { ExportedRow } from './metric-row.ts'
import type { HistogramSample, Sample } from './sample.ts'

/** What the callbacks of one collection share. */
export interface Collection {
  /** Makes the state true; the calls of one collection share one run. Never rejects. */
  refresh(): Promise<void>
  samples(): (Sample | HistogramSample)[]
}

const HEADLINE = 'lean_gossip_mesh_peers'

/**
 * Registers the gauges among these rows on `meter`. The headline gauge has a callback of its own, which runs the
 * refreshers; the others share a batch callback. Both await the same refresh, whichever the SDK runs first.
 *
 * @returns removes the callbacks: nothing is observed any more
 */
export function registerInstruments(meter: Meter, rows: readonly ExportedRow[], collection: Collection): () => void {
  const gaugeRows = rows.filter((row) => row.kind === 'gauge')
  const gauges = new Map<string, Observable>(
    gaugeRows.map(({ name, help }) => [name, meter.createObservableGauge(name, { description: help })]),
  )
  const headline = gauges.get(HEADLINE)
  const others = [...gauges.values()].filter((gauge) => gauge !== headline)

  const observeHeadline = async (result: { observe(value: number, labels: Record<string, string>): void }) => {
    await collection.refresh()
    for (const { metric, labels, value } of collection.samples()) {
      if (metric === HEADLINE && typeof value === 'number') result.observe(value, labels)
    }
  }
  const observeOthers: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    await collection.refresh()
    for (const { metric, labels, value } of collection.samples()) {
      const gauge = gauges.get(metric)
      if (gauge !== undefined && gauge !== headline && typeof value === 'number') result.observe(gauge, value, labels)
    }
  }
  headline?.addCallback(observeHeadline)
  meter.addBatchObservableCallback(observeOthers, others)
  return () => {
    headline?.removeCallback(observeHeadline)
    meter.removeBatchObservableCallback(observeOthers, others)
  }
}
