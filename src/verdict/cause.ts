import { printable } from '../mesh/printable.ts'

/** Closed: what programs may tell causes apart by. Only ever added to. */
export type CauseKind =
  | 'no_networks'
  | 'not_running'
  | 'snapshot_old'
  | 'no_peers_configured'
  | 'unreachable'
  | 'dialing'
  | 'fork_digest'
  | 'nobody_subscribes'
  | 'backed_off'
  | 'meshes_full'
  | 'companion'
  | 'clock'
  | 'blocks_stopped'
  | 'finality_differs'
  | 'chain_behind'
  | 'heads_lag'
  | 'peers_missing'
  | 'never_seen'
  | 'refresher'
  | 'well'
  | 'foreign_peers'
  | 'empty_topics'
  | 'small_network'
  | 'restarted'

/** Why a mesh is as it is. All texts are safe to print, on one line each. */
export interface Cause {
  kind: CauseKind
  /** `wrong`: something to mend. `note`: worth knowing beside it. */
  level: 'wrong' | 'well' | 'note'
  /** Absent for what is not of one network. */
  networkId?: string
  sentence: string
  /** What the sentence rests on. */
  evidence: string[]
}

/** A cause without the place that it is found at. */
export type Finding = Omit<Cause, 'networkId'>

/** Names, errors and the like that one cause tells. */
const MAX_TOLD = 5

/** `1 peer`, `2 peers`. */
export const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`

/** `exit: 2` of each reason for which something happened. */
export function byReason(totals: Readonly<Record<string, number>>): string[] {
  return Object.entries(totals).flatMap(([reason, times]) => (times > 0 ? [`${reason}: ${times}`] : []))
}

/** The first few, and how many more there are. */
export function told(texts: readonly string[]): string[] {
  const more = texts.length > MAX_TOLD ? [`and ${texts.length - MAX_TOLD} more`] : []
  return [...texts.slice(0, MAX_TOLD).map((text) => printable(text)), ...more]
}
