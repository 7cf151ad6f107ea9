import type { PeerIdString } from './snapshot.ts'

/** The names table: peer id to `<client>_<N>`. Each name belongs to one peer. */
export type Names = ReadonlyMap<PeerIdString, string>

/** Where there is no names table. */
export const NO_NAMES: Names = new Map()

/** The name of every peer that the table does not know. It cannot clash: a valid name ends in `_<N>`. */
export const UNKNOWN_NAME = 'unknown'

/** The most that a table may have. Each is series of several metrics, so it bounds a scrape, and what a swarm counts. */
export const MAX_NAMES = 2_000

/** Longer ones would make a scrape large, and be more than a swarm's report may hold. */
export const MAX_NAME_LENGTH = 128

/** What a name looks like: the client in lower case, an underscore, the node's number. */
export const NAME_PATTERN = /^[a-z][a-z0-9-]*_[0-9]+$/
