import type { ClockStanding } from '../mesh/clock-standing.ts'
import { SLOT_MS } from '../mesh/slot-clock.ts'

/** Readings that are kept, and how many it takes to judge by them. */
const WINDOW = 32
const ENOUGH = 8
/** So early a message may seem by clocks that time services keep. */
const EARLY_MS = 100
/** The clock becomes suspect when more than this share of the readings is off, and stays so while more than that is. */
const SUSPECT_FROM = 0.75
const SUSPECT_WHILE = 0.5
/** Who may have given a reading in one slot: more than a swarm has mesh peers. */
const MAX_READERS = 256

/** Tells a clock that is off from messages that are. */
export interface ClockCheck {
  /**
   * Takes what a message says of the clock. Of each source only the first counts in a slot: one peer that floods has no
   * more to say than one that does not.
   *
   * @param source the peer that delivered it, and what it was
   * @param delayMs how late it came by its own slot
   */
  read(source: string, delayMs: number, wallSlot: number): void
  /** Whether an arrival is not to be published: the clock is suspect, or nothing is known of it yet and this one is off. */
  isWithheld(delayMs: number | undefined): boolean
  standing(): ClockStanding
}

/**
 * A clock is suspect when more than three in four readings are off and say the same within a slot: too early, or late by
 * more than a slot. Noise in place of slots does not agree, and late messages of some peers are fewer.
 */
export function createClockCheck(): ClockCheck {
  const readings: number[] = []
  const readers = new Set<string>()
  let slot = Number.NaN
  let standing: ClockStanding = { state: 'unjudged' }
  return {
    read(source, delayMs, wallSlot) {
      if (wallSlot !== slot) readers.clear()
      slot = wallSlot
      if (readers.has(source) || readers.size >= MAX_READERS) return
      readers.add(source)
      readings.push(delayMs)
      if (readings.length > WINDOW) readings.shift()
      standing = judge(readings, standing.state === 'suspect')
    },
    isWithheld: (delayMs) =>
      standing.state === 'suspect' || (standing.state === 'unjudged' && delayMs !== undefined && side(delayMs) !== 0),
    standing: () => standing,
  }
}

function judge(readings: readonly number[], wasSuspect: boolean): ClockStanding {
  if (readings.length < ENOUGH) return { state: 'unjudged' }
  const sorted = readings.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const agreeing = sorted.filter((delayMs) => Math.abs(delayMs - median) <= SLOT_MS)
  const off = side(median) === 0 ? [] : agreeing.filter((delayMs) => side(delayMs) === side(median))
  const isSuspect = off.length > readings.length * (wasSuspect ? SUSPECT_WHILE : SUSPECT_FROM)
  return {
    state: isSuspect ? 'suspect' : 'good',
    ...((isSuspect || agreeing.length > readings.length * SUSPECT_FROM) && { offsetSeconds: median / 1000 }),
  }
}

/** -1: too early to be true. 1: later than a whole slot. */
function side(delayMs: number): -1 | 0 | 1 {
  if (delayMs < -EARLY_MS) return -1
  return delayMs > SLOT_MS ? 1 : 0
}
