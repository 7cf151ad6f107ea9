import type { Total } from './totals.ts'

/** What a gauge says at one moment. */
export interface Level {
  metric: string
  labels: Record<string, string>
  value: number
}

/** gossipsub's own metrics at one moment. Series that nothing was told of are left out: of a total that means 0. */
export interface GossipsubState {
  totals: Total[]
  levels: Level[]
}
