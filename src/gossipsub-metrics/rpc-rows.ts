import { counter, histogram, type GossipsubRow } from './row.ts'

const TOPIC = { topic: 'topic' } as const

const RECEIVED: readonly GossipsubRow[] = [
  counter('gossipsub_peer_read_stream_err_count_total', 'Inbound gossip streams that ended in an error'),
  counter('gossipsub_rpc_recv_bytes_total', 'Bytes of RPCs received'),
  counter('gossipsub_rpc_recv_count_total', 'RPCs received'),
  counter('gossipsub_rpc_recv_subscription_total', 'Subscription changes received'),
  counter('gossipsub_rpc_recv_message_total', 'Messages in RPCs received'),
  counter('gossipsub_rpc_recv_control_total', 'RPCs received with control messages'),
  counter('gossipsub_rpc_recv_ihave_total', 'IHAVE received'),
  counter('gossipsub_rpc_recv_iwant_total', 'IWANT received'),
  counter('gossipsub_rpc_recv_graft_total', 'GRAFT received'),
  counter('gossipsub_rpc_recv_prune_total', 'PRUNE received'),
  counter('gossipsub_rpc_data_err_count_total', 'RPCs that could not be decoded'),
  counter('gossipsub_rpc_recv_err_count_total', 'RPCs whose handling failed'),
  counter(
    'gossipsub_rpc_recv_not_accepted_total',
    'RPCs dropped because of who sent them',
    {},
    'gossipsub_rpc_rcv_not_accepted_total',
  ),
]

const SENT: readonly GossipsubRow[] = [
  counter('gossipsub_rpc_sent_bytes_total', 'Bytes of RPCs sent'),
  counter('gossipsub_rpc_sent_count_total', 'RPCs sent'),
  counter('gossipsub_rpc_sent_subscription_total', 'Subscription changes sent'),
  counter('gossipsub_rpc_sent_message_total', 'Messages in RPCs sent'),
  counter('gossipsub_rpc_sent_control_total', 'RPCs sent with control messages'),
  counter('gossipsub_rpc_sent_ihave_total', 'IHAVE sent'),
  counter('gossipsub_rpc_sent_iwant_total', 'IWANT sent'),
  counter('gossipsub_rpc_sent_graft_total', 'GRAFT sent'),
  counter('gossipsub_rpc_sent_prune_total', 'PRUNE sent'),
  counter('gossipsub_rpc_sent_idontwant_total', 'IDONTWANT sent'),
]

const CONTROL: readonly GossipsubRow[] = [
  counter('gossipsub_ihave_rcv_ignored_total', 'IHAVE that were ignored', {
    reason: ['low_score', 'max_ihave', 'max_iasked'],
  }),
  counter('gossipsub_ihave_rcv_msgids_total', 'Message ids in IHAVE received', TOPIC),
  counter('gossipsub_ihave_rcv_not_seen_msgids_total', 'Message ids in IHAVE received that are new', TOPIC),
  counter('gossipsub_iwant_rcv_msgids_total', 'Message ids in IWANT received that could be answered', TOPIC),
  counter('gossipsub_iwant_rcv_dont_have_msgids_total', 'Message ids in IWANT received that could not be answered'),
  counter('gossipsub_idontwant_rcv_msgids_total', 'Message ids in IDONTWANT received'),
  counter('gossipsub_idontwant_rcv_dont_have_msgids_total', 'Message ids in IDONTWANT received that are not known'),
  counter('gossipsub_idontwant_skipped_sends_total', 'Messages not sent because the peer said IDONTWANT', {
    on: ['forward', 'iwant'],
  }),
]

const PROMISES: readonly GossipsubRow[] = [
  counter('gossipsub_iwant_promise_sent_total', 'Promises begun by an IWANT'),
  counter('gossipsub_iwant_promise_resolved_total', 'Promises kept'),
  counter('gossipsub_iwant_promise_resolved_from_duplicate_total', 'Promises kept by a copy of the message'),
  counter(
    'gossipsub_iwant_promise_resolved_peers_total',
    'Peers whose promise was kept',
    {},
    'gossipsub_iwant_promise_resolved_peers',
  ),
  counter('gossipsub_iwant_promise_broken_total', 'Promises broken', {}, 'gossipsub_iwant_promise_broken'),
  counter('gossipsub_iwant_message_pruned_total', 'Asked messages given up', {}, 'gossipsub_iwant_message_pruned'),
  histogram('gossipsub_iwant_promise_delivery_seconds', 'Time from an IWANT to its message', [1.5, 3, 6, 12]),
  counter(
    'gossipsub_iwant_promise_untracked_total',
    'IWANT whose promise was not tracked',
    {},
    'gossip_iwant_promise_untracked',
  ),
]

/** RPCs, the control messages in them, and the promises that an IWANT begins. */
export const RPC_ROWS: readonly GossipsubRow[] = [...RECEIVED, ...SENT, ...CONTROL, ...PROMISES]
