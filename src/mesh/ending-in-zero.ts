interface Observation {
  metric: string
  labels: Record<string, string>
  value: number
}

/**
 * A series that has ended is observed once more, as 0: the host's reader may be cumulative, which keeps the last value
 * for ever (open-telemetry/opentelemetry-js#4096), and 0 is at least true.
 */
export function endingInZero<Each extends Observation>(): (observations: readonly Each[]) => Each[] {
  let last = new Map<string, Each>()
  return (observations) => {
    const now = new Map(observations.map((each) => [JSON.stringify([each.metric, each.labels]), each]))
    const ended = [...last].filter(([key]) => !now.has(key)).map(([, each]) => ({ ...each, value: 0 }))
    last = now
    return [...now.values(), ...ended]
  }
}
