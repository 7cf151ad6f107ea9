import { printableAscii } from '../mesh/printable.ts'
import type { ForeignForks, PeerIdString } from '../mesh/snapshot.ts'
import { leanTopicParts, topicKind } from '../mesh/topics.ts'
import type { Totals } from './totals.ts'

/** What is remembered of one peer, and of the names under one digest: a few KiB, whatever it announces. */
const MAX_DIGESTS_PER_PEER = 4
const MAX_NAMES_PER_DIGEST = 128
const MAX_SUBNET_DIGITS = 6
/** Among the names of a digest: it has more than are remembered, so that leaving those is not leaving it. */
const MORE = -3
/** A longer topic is not looked at; a longer digest is cut. */
const MAX_TOPIC_LENGTH = 256
const MAX_DIGEST_LENGTH = 64
/** Digests that are told, those with most peers. */
const MAX_DIGESTS_TOLD = 16

export interface ForeignForkTable {
  /** A peer announced that it joined, or left, a topic that is not ours. */
  onSubscription(peer: PeerIdString, topic: string, subscribe: boolean): void
  /** Nothing that the peer announced holds any more. */
  forget(peer: PeerIdString): void
  read(): ForeignForks
  /** Of the topics that the peer joined. */
  digestsOf(peer: PeerIdString): string[]
}

/**
 * Who is subscribed to lean topics of another fork: the usual cause of an empty mesh, of which no side is told.
 *
 * @param topics ours
 */
export function createForeignForks(topics: readonly string[], totals: Totals): ForeignForkTable {
  const own = new Set(topics.flatMap((topic) => leanTopicParts(topic)?.forkDigest ?? []))
  const ignored = (kind: string) => totals.counter('leanmesh_ignored_subscriptions_total', { kind })
  const counters = { foreign: ignored('foreign_digest'), lean: ignored('other_lean'), other: ignored('not_lean') }
  const peers = new Map<PeerIdString, Map<string, Set<number>>>()
  return {
    onSubscription(peer, topic, subscribe) {
      const parts = topic.length > MAX_TOPIC_LENGTH ? undefined : leanTopicParts(topic)
      const name = parts && nameNumber(topic, parts.name)
      if (!parts || name === undefined) {
        if (subscribe) counters.other.value++
      } else if (own.size === 0 || own.has(parts.forkDigest)) {
        if (subscribe) counters.lean.value++
      } else if (subscribe) {
        counters.foreign.value++
        join(peers, peer, shown(parts.forkDigest), name)
      } else leave(peers, peer, shown(parts.forkDigest), name)
    },
    forget: (peer) => void peers.delete(peer),
    read: () => ({ peers: peers.size, digests: mostCommon(peers.values()) }),
    digestsOf: (peer) => [...(peers.get(peer)?.keys() ?? [])],
  }
}

/** One number a name, to remember that alone; undefined when it is none of a lean topic. */
function nameNumber(topic: string, name: string): number | undefined {
  const kind = topicKind(topic)
  if (kind === 'block') return -1
  if (kind === 'aggregation') return -2
  const subnet = name.slice('attestation_'.length)
  return kind === 'attestation' && subnet.length <= MAX_SUBNET_DIGITS ? Number(subnet) : undefined
}

function join(peers: Map<PeerIdString, Map<string, Set<number>>>, peer: string, digest: string, name: number): void {
  const digests = peers.get(peer) ?? new Map<string, Set<number>>()
  peers.set(peer, digests)
  const isNew = !digests.has(digest)
  const [first] = digests.values()
  // Of a peer with too many digests the first one is told until it is gone.
  if (isNew && first && digests.size >= MAX_DIGESTS_PER_PEER) return void first.add(MORE)
  const names = digests.get(digest) ?? new Set<number>()
  digests.set(digest, names)
  names.add(names.size < MAX_NAMES_PER_DIGEST ? name : MORE)
}

function leave(peers: Map<PeerIdString, Map<string, Set<number>>>, peer: string, digest: string, name: number): void {
  const digests = peers.get(peer)
  const names = digests?.get(digest)
  names?.delete(name)
  if (names?.size === 0) digests?.delete(digest)
  if (digests?.size === 0) peers.delete(peer)
}

function mostCommon(peers: Iterable<ReadonlyMap<string, unknown>>): ForeignForks['digests'] {
  const counts = new Map<string, number>()
  for (const digests of peers) {
    for (const digest of digests.keys()) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  }
  const byPeers = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
  return byPeers.slice(0, MAX_DIGESTS_TOLD).map(([forkDigest, count]) => ({ forkDigest, peers: count }))
}

/** Without spaces, because several stand in one sentence. */
function shown(digest: string): string {
  return printableAscii(digest.replaceAll(' ', '?'), MAX_DIGEST_LENGTH)
}
