import { OTLP_FAILURE_REASONS, type OtlpFailureReason } from './sidecar-rows.ts'
import { sample, type Sample } from './sample.ts'

/** The part of the push by OTLP that is measured. */
export interface OtlpSource {
  stats(): {
    /** Pushes, failed ones included. */
    exports: number
    failures: Readonly<Record<OtlpFailureReason, number>>
    /** Absent until one succeeded. */
    lastSuccessAgeSeconds?: number
  }
}

export function otlpSamples(source: OtlpSource): Sample[] {
  const { exports, failures, lastSuccessAgeSeconds } = source.stats()
  return [
    sample('leanmesh_otlp_export_total', {}, exports),
    ...OTLP_FAILURE_REASONS.map((reason) =>
      sample('leanmesh_otlp_export_failures_total', { reason }, failures[reason]),
    ),
    ...(lastSuccessAgeSeconds === undefined
      ? []
      : [sample('leanmesh_otlp_last_success_age_seconds', {}, lastSuccessAgeSeconds)]),
  ]
}
