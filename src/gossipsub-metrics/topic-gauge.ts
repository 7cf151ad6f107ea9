import type { Level } from '../mesh/gossipsub-state.ts'
import type { GossipsubRow } from './row.ts'

/** A gauge of whole topics. Those that are not configured are not kept: peers make up as many as they like. */
export interface TopicGauge {
  set(topic: string, value: number): void
  clear(): void
  /** The topics that do not read 0. */
  topics(): string[]
  /** One level a label, the sum over its topics. Topics at 0 have one only if they are among the `subscribed`. */
  levels(subscribed: readonly string[]): Level[]
}

export function createTopicGauge(row: GossipsubRow, labels: ReadonlyMap<string, string>): TopicGauge {
  const values = new Map<string, number>()
  return {
    set(topic, value) {
      if (value === 0 || !labels.has(topic)) values.delete(topic)
      else values.set(topic, value)
    },
    clear: () => values.clear(),
    topics: () => [...values.keys()],
    levels(subscribed) {
      const sums = new Map<string, number>()
      for (const topic of new Set([...values.keys(), ...subscribed])) {
        const label = labels.has(topic) ? labels.get(topic) : undefined
        if (label !== undefined) sums.set(label, (sums.get(label) ?? 0) + (values.get(topic) ?? 0))
      }
      return Array.from(sums, ([topic, value]) => ({ metric: row.name, labels: { topic }, value }))
    },
  }
}
