import { MESH_ROWS } from './mesh-rows.ts'
import { MESSAGE_ROWS } from './message-rows.ts'
import { counter, type GossipsubRow } from './row.ts'
import { RPC_ROWS } from './rpc-rows.ts'

/** Why something that gossipsub told was not taken as it was told. */
export const REFUSALS = ['unknown_metric', 'unknown_label', 'topic_limit', 'invalid_value', 'collect_failed'] as const
export type Refusal = (typeof REFUSALS)[number]

/** What the register says of itself. */
export const REFUSED_ROW = counter(
  'leanmesh_gossipsub_refused_total',
  "Updates of gossipsub's metrics that were not taken as they were told",
  { reason: REFUSALS },
)

/** Every metric of js gossipsub 14 and 17. */
export const GOSSIPSUB_ROWS: readonly GossipsubRow[] = [...MESH_ROWS, ...MESSAGE_ROWS, ...RPC_ROWS]
