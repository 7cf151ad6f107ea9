import { type BackOff, createBackOff } from '../lifecycle/back-off.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'

export interface StatusScheduleOptions {
  /** Between an answer and the next request to the same peer, jitter included, in milliseconds. */
  intervalMs: number
  /** Requests that wait for their answer at the same time. */
  maxInFlight: number
}

/** Decides whom to ask for its Status, and when. Times are in milliseconds of one clock. */
export interface StatusSchedule {
  /**
   * The peers to ask now, those first that waited longest. Each is in flight until it is settled. A peer that is new gets
   * its first request soon; one that is not among `peers` is forgotten.
   */
  due(peers: Iterable<PeerIdString>, nowMs: number): PeerIdString[]
  /** A peer that did not answer is asked less and less often. */
  settled(peer: PeerIdString, isAnswered: boolean, nowMs: number): void
}

interface Plan {
  dueAtMs: number
  backOff: BackOff
}

/** Spreads the first requests when many peers connect at once. */
const FIRST_WITHIN_MS = 2000
/** Of intervals, between requests to a peer that never answers. */
const MAX_BACK_OFF = 16
const JITTER = 0.2

export function createStatusSchedule(
  { intervalMs, maxInFlight }: StatusScheduleOptions,
  random: () => number = Math.random,
): StatusSchedule {
  const plans = new Map<PeerIdString, Plan>()
  /** Apart from the plans: a peer that left and is back may still be in flight. */
  const inFlight = new Set<PeerIdString>()
  const backOffOptions = { initialMs: intervalMs, maxMs: intervalMs * MAX_BACK_OFF, jitter: JITTER }
  const firstPlan = (nowMs: number): Plan => ({
    dueAtMs: nowMs + Math.min(FIRST_WITHIN_MS, intervalMs) * random(),
    backOff: createBackOff(backOffOptions, random),
  })
  return {
    due(peers, nowMs) {
      const present = new Set(peers)
      for (const peer of plans.keys()) if (!present.has(peer)) plans.delete(peer)
      for (const peer of present) if (!plans.has(peer)) plans.set(peer, firstPlan(nowMs))
      const due = [...plans]
        .filter(([peer, { dueAtMs }]) => dueAtMs <= nowMs && !inFlight.has(peer))
        .sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs)
        .slice(0, maxInFlight - inFlight.size)
        .map(([peer]) => peer)
      for (const peer of due) inFlight.add(peer)
      return due
    },
    settled(peer, isAnswered, nowMs) {
      inFlight.delete(peer)
      const plan = plans.get(peer)
      if (!plan) return
      if (isAnswered) plan.backOff.reset()
      plan.dueAtMs = nowMs + plan.backOff.next()
    },
  }
}
