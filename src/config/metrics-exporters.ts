import type { Problem } from './problem.ts'
import type { Settings, WhereSet } from './settings.ts'

export interface MetricsExporters {
  prometheus: boolean
  otlp: boolean
}

/** Whether an endpoint is set, and meant for leanmesh: `OTEL_` variables are often given to every container for its traces. */
export function isEndpointOurs(whereSet: WhereSet): boolean {
  const where = whereSet('otlp.endpoint')
  return where !== 'default' && !where.startsWith('OTEL_')
}

/** Which exporters run. An endpoint that is meant for leanmesh switches the push on. */
export function metricsExporters({ sidecar }: Settings, whereSet: WhereSet): MetricsExporters {
  const names: readonly string[] = sidecar['metrics.exporters']
  const isImplied = whereSet('metrics.exporters') === 'default' && isEndpointOurs(whereSet)
  return { prometheus: names.includes('prometheus'), otlp: names.includes('otlp') || isImplied }
}

/** What is wrong between the exporters. */
export function exporterClashes({ sidecar }: Settings, whereSet: WhereSet): Problem[] {
  const names: readonly string[] = sidecar['metrics.exporters']
  if (!names.includes('none') || names.length === 1) return []
  const where = whereSet('metrics.exporters')
  return [{ setting: 'metrics.exporters', where, wrong: 'none stands beside another', right: 'Use none alone.' }]
}

/** Without a push, what OpenTelemetry's variables say of one is for other programs that share the environment. */
export function isForOthers({ setting, where }: Problem, { otlp }: MetricsExporters): boolean {
  return !otlp && setting.startsWith('otlp.') && where.startsWith('OTEL_')
}
