import type { PeerIdString } from './snapshot.ts'

/** The names table: peer id to `<client>_<N>`. Each name belongs to one peer. */
export type Names = ReadonlyMap<PeerIdString, string>

/** Where there is no names table. */
export const NO_NAMES: Names = new Map()

/** The name of every peer that the table does not know. It cannot clash: a valid name ends in `_<N>`. */
export const UNKNOWN_NAME = 'unknown'

/** What a name looks like: the client in lower case, an underscore, the node's number. */
export const NAME_PATTERN = /^[a-z][a-z0-9-]*_[0-9]+$/
