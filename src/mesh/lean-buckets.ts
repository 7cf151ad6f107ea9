import type { TopicKind } from './topics.ts'

/** Upper bounds in bytes, without +Inf. Source: leanMetrics, network metrics. */
export const SIZE_BUCKETS: Readonly<Record<TopicKind, readonly number[]>> = {
  block: [10_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000, 5_000_000],
  attestation: [512, 1024, 2048, 4096, 8192, 16_384],
  aggregation: [1024, 4096, 16_384, 65_536, 131_072, 262_144, 524_288, 1_048_576],
}

/** Upper bounds in seconds, without +Inf: edges of intervals and slots. Source: leanMetrics, gossip arrival. */
export const ARRIVAL_BUCKETS: readonly number[] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2.4, 4, 8, 16]
