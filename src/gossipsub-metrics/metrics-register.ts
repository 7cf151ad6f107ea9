/*
 * The types of gossipsub's option `metricsRegister`, as far as a register has to fit them: those of @libp2p/gossipsub 17 and
 * @chainsafe/libp2p-gossipsub 14 are the same, and neither has to be installed for these.
 */
export type NoLabels = Record<string, never>
export type LabelsOf = Record<string, string | number>

export interface MetricConfig {
  name: string
  help: string
  labelNames?: readonly string[]
}

export interface Gauge<Labels extends LabelsOf = NoLabels> {
  inc: NoLabels extends Labels ? (value?: number) => void : (labels: Labels, value?: number) => void
  set: NoLabels extends Labels ? (value: number) => void : (labels: Labels, value: number) => void
  addCollect(collect: (metric: Gauge<Labels>) => void): void
}

export interface Histogram<Labels extends LabelsOf = NoLabels> {
  startTimer(): () => void
  observe: NoLabels extends Labels ? (value: number) => void : (labels: Labels, value: number) => void
  reset(): void
}

export interface AvgMinMax<Labels extends LabelsOf = NoLabels> {
  set: NoLabels extends Labels ? (values: number[]) => void : (labels: Labels, values: number[]) => void
}

export interface MetricsRegister {
  gauge<Labels extends LabelsOf = NoLabels>(config: MetricConfig): Gauge<Labels>
  histogram<Labels extends LabelsOf = NoLabels>(config: MetricConfig & { buckets?: number[] }): Histogram<Labels>
  avgMinMax<Labels extends LabelsOf = NoLabels>(config: MetricConfig): AvgMinMax<Labels>
}
