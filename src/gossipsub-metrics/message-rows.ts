import { counter, histogram, type GossipsubRow } from './row.ts'

const TOPIC = { topic: 'topic' } as const
const INVALID_REASONS = [
  'ignore',
  'reject',
  'blacklisted',
  'invalid_signature',
  'invalid_seqno',
  'invalid_peerid',
  'signature_present',
  'seqno_present',
  'from_present',
  'transform_failed',
] as const

/** gossipsub counts a message before it is validated, by the outcome of its own checks, and by that of the validator. */
const RECEIVED: readonly GossipsubRow[] = [
  counter('gossipsub_msg_received_prevalidation_total', 'Messages received, copies included', TOPIC),
  counter('gossipsub_msg_received_error_total', 'Messages whose handling failed with an error', TOPIC),
  counter('gossipsub_pre_validation_invalid_total', 'Messages received that are invalid', TOPIC),
  counter('gossipsub_pre_validation_valid_total', 'Messages received that are new and valid', TOPIC),
  counter('gossipsub_pre_validation_duplicate_total', 'Messages received that are copies', TOPIC),
  counter('gossipsub_pre_validation_unknown_status_total', 'Messages received with an unknown outcome', TOPIC),
  counter('gossipsub_msg_received_invalid_total', 'Invalid messages, by what is wrong', { error: INVALID_REASONS }),
  counter('gossipsub_msg_received_invalid_by_topic_total', 'Invalid messages, by topic', TOPIC),
  histogram(
    'gossipsub_duplicate_msg_delivery_delay_seconds',
    'Time from the validation of a message to a later copy of it',
    [0.25, 0.5, 1, 2, 4],
    { labels: TOPIC, upstream: 'gossisub_duplicate_msg_delivery_delay_seconds' },
  ),
  counter(
    'gossipsub_duplicate_msg_late_delivery_total',
    'Copies that came too late to count for the score',
    TOPIC,
    'gossisub_duplicate_msg_late_delivery_total',
  ),
]

const VALIDATED: readonly GossipsubRow[] = [
  counter('gossipsub_accepted_messages_total', 'Asynchronous validations that accepted', TOPIC),
  counter('gossipsub_ignored_messages_total', 'Asynchronous validations that ignored', TOPIC),
  counter('gossipsub_rejected_messages_total', 'Asynchronous validations that rejected', TOPIC),
  counter('gossipsub_unknown_validation_results_total', 'Asynchronous validations with an unknown outcome', TOPIC),
  counter('gossipsub_async_validation_mcache_hit_total', 'Asynchronous validations, by whether the message was kept', {
    hit: ['hit', 'miss'],
  }),
  histogram(
    'gossipsub_async_validation_delay_from_first_seen_seconds',
    'Time from the arrival of a message to its asynchronous validation',
    [0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    { upstream: 'gossipsub_async_validation_delay_from_first_seen' },
  ),
  counter(
    'gossipsub_async_validation_unknown_first_seen_count_total',
    'Asynchronous validations of messages whose arrival is forgotten',
  ),
]

const SENT: readonly GossipsubRow[] = [
  counter('gossipsub_msg_publish_count_total', 'Messages published by this node', TOPIC),
  counter('gossipsub_msg_publish_peers_total', 'Peers that a published message was sent to', TOPIC),
  counter('gossipsub_direct_peers_published_total', 'The same, direct peers', TOPIC),
  counter('gossipsub_floodsub_peers_published_total', 'The same, floodsub peers', TOPIC),
  counter('gossipsub_mesh_peers_published_total', 'The same, mesh peers', TOPIC),
  counter('gossipsub_fanout_peers_published_total', 'The same, fanout peers', TOPIC),
  counter('gossipsub_msg_publish_bytes_total', 'Bytes of published messages, times the peers', TOPIC),
  histogram('gossipsub_msg_publish_seconds', 'Time that publishing takes', [0.001, 0.002, 0.005, 0.01, 0.1, 0.5, 1], {
    labels: TOPIC,
  }),
  counter(
    'gossipsub_ignored_published_duplicate_msgs_total',
    'Publications left out because the message was known',
    TOPIC,
    'gossisub_ignored_published_duplicate_msgs_total',
  ),
  counter('gossipsub_msg_forward_count_total', 'Messages of others that were forwarded', TOPIC),
  counter('gossipsub_msg_forward_peers_total', 'Peers that a message of others was forwarded to', TOPIC),
]

/** Messages, from their arrival to their being sent on. */
export const MESSAGE_ROWS: readonly GossipsubRow[] = [...RECEIVED, ...VALIDATED, ...SENT]
