import { avgMinMax, counter, gauge, histogram, type GossipsubRow } from './row.ts'

const TOPIC = { topic: 'topic' } as const
const TOPIC_STRING = { topicStr: 'topic string' } as const
/** Versions of the protocol that js gossipsub knows. */
export const PROTOCOLS = ['/floodsub/1.0.0', '/meshsub/1.0.0', '/meshsub/1.1.0', '/meshsub/1.2.0'] as const
const STATUSES = ['open', 'closing', 'closed', 'aborted', 'reset'] as const
const SCORE_PARTS = ['p1', 'p2', 'p3', 'p3b', 'p4', 'p5', 'p6', 'p7'] as const
const CACHES = [
  'acceptFromWhitelist',
  'backoff',
  'control',
  'direct',
  'fanout',
  'fastMsgIdCache',
  'gossip',
  'gossipTracer.promises',
  'gossipTracer.requests',
  'iasked',
  'idontwants',
  'mcache',
  'mesh',
  'outbound',
  'peerhave',
  'peers',
  'publishedMessageIds',
  'score',
  'seenCache',
  'streamsInbound',
  'streamsOutbound',
  'subscriptions',
  'topics',
] as const

const inclusion = (reason: string) =>
  counter(`gossipsub_mesh_peer_inclusion_events_${reason}_total`, `Peers taken into a mesh, reason ${reason}`, TOPIC)
const churn = (reason: string) =>
  counter(`gossipsub_peer_churn_events_${reason}_total`, `Peers that left a mesh, reason ${reason}`, TOPIC)

/** Topics, meshes, peers and their scores, and the router itself. */
export const MESH_ROWS: readonly GossipsubRow[] = [
  gauge('gossipsub_protocol', '1 if this version of the protocol is offered', { protocol: PROTOCOLS }),
  gauge('gossipsub_topic_subscription_status', '1 while the topic is subscribed', TOPIC_STRING),
  gauge('gossipsub_topic_peers', 'Peers that subscribe to the topic', TOPIC_STRING, 'gossipsub_topic_peer_count'),
  gauge('gossipsub_mesh_peers', 'Peers in the mesh of the topic', TOPIC_STRING, 'gossipsub_mesh_peer_count'),
  ...['fanout', 'random', 'subscribed', 'outbound', 'not_enough', 'opportunistic', 'unknown'].map(inclusion),
  ...['disconnected', 'bad_score', 'prune', 'excess', 'unknown'].map(churn),
  gauge(
    'gossipsub_peers_per_protocol',
    'Peers with an outbound gossip stream, by its protocol',
    { protocol: PROTOCOLS },
    'gossipsub_peers_per_protocol_count',
  ),
  counter('gossipsub_new_connection_total', 'New connections, by their status when gossipsub was told', {
    status: STATUSES,
  }),
  histogram('gossipsub_heartbeat_duration_seconds', 'Time that a heartbeat takes', [0.01, 0.1, 1]),
  counter(
    'gossipsub_heartbeat_skipped_total',
    'Heartbeats left out because the one before took too long',
    {},
    'gossipsub_heartbeat_skipped',
  ),
  histogram(
    'gossipsub_connected_peers_backoff_seconds',
    'What is left of the back-offs of connected peers, sampled at each reading',
    [1, 2, 4, 10, 20, 60, 120],
  ),
  counter('gossipsub_score_fn_calls_total', 'Scores asked for'),
  counter('gossipsub_score_fn_runs_total', 'Scores worked out, not taken from the cache'),
  histogram('gossipsub_score_cache_delta', 'How far a score had moved while it was in the cache', [10, 100, 1000]),
  gauge(
    'gossipsub_peers_by_score_threshold',
    'Peers at or above a score threshold',
    { threshold: ['graylist', 'publish', 'gossip', 'mesh'] },
    'gossipsub_peers_by_score_threshold_count',
  ),
  avgMinMax('gossipsub_score', 'Scores of the connected peers'),
  avgMinMax('gossipsub_score_weights', 'Parts of the scores of the connected peers', {
    topic: 'topic or none',
    p: SCORE_PARTS,
  }),
  avgMinMax('gossipsub_score_per_mesh', 'Scores of the peers in the mesh of the topic', TOPIC),
  counter('gossipsub_scoring_penalties_total', 'Penalties given to peers', {
    penalty: ['graft_backoff', 'broken_promise', 'message_deficit', 'IP_colocation'],
  }),
  // Its bounds are multiples of the penalty threshold, which is 0 by default: one bound is left of five.
  histogram(
    'gossipsub_peer_stat_behaviour_penalty',
    'Behaviour penalties of the connected peers, sampled at each reading',
    [0],
  ),
  gauge('gossipsub_cache_size', 'Entries of a table of gossipsub', { cache: CACHES }),
  gauge('gossipsub_mcache_size', 'Messages in the message cache'),
  gauge(
    'gossipsub_mcache_not_validated',
    'Messages in the message cache that are not validated yet',
    {},
    'gossipsub_mcache_not_validated_count',
  ),
  counter('gossipsub_fastmsgid_cache_collision_total', 'Messages whose fast id was taken by another message'),
]
