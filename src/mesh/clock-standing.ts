/**
 * How this host's clock stands to the slots that messages name: `untimed` without a genesis time, `unjudged` while too
 * few messages have said something, and `suspect` when they say that the clock or the genesis time is wrong.
 */
export interface ClockStanding {
  state: 'untimed' | 'unjudged' | 'good' | 'suspect'
  /**
   * The median of how late recent blocks and attestations came, in seconds; below 0: too early. Absent while `untimed` or
   * `unjudged`, and when they do not agree.
   */
  offsetSeconds?: number
}

/** What is wrong with the clock, in one sentence that says where to look; undefined when nothing is. */
export function clockSentence({ state, offsetSeconds }: ClockStanding): string | undefined {
  if (state !== 'suspect' || offsetSeconds === undefined) return undefined
  const [side, amount] = [offsetSeconds < 0 ? 'early' : 'late', duration(Math.abs(offsetSeconds))]
  return (
    `this host's clock or the genesis time is off by about ${amount}: blocks and attestations seem to come that ${side}, ` +
    'so no arrival is measured until they fit their slots again; ' +
    "check the host's time service, and genesis_time or GENESIS_TIME in config.yaml"
  )
}

const UNITS: readonly [name: string, seconds: number][] = [
  ['days', 86_400],
  ['h', 3600],
  ['min', 60],
]

/** In the largest unit that there are ten of, since it is an estimate: 60 s, 15 min, 30 h. */
function duration(seconds: number): string {
  const [name, unit] = UNITS.find(([, unit]) => seconds >= 10 * unit) ?? ['s', 1]
  return `${(seconds / unit).toFixed(seconds < 10 ? 1 : 0)} ${name}`
}
