import { D_LOW } from '../mesh/gossip-degree.ts'
import { finalizedRoots } from '../mesh/peer-head.ts'
import { topicName } from '../mesh/topics.ts'
import { byReason, count, type Finding, told } from './cause.ts'
import type { NetworkDocument, PeerDocument, TargetDocument, TopicDocument } from './mesh-document.ts'
import { meshedTopics, mendsByItself } from './standing.ts'

/** A snapshot older than this many seconds: the swarm pushes one every second. */
const STALE_SECONDS = 5
/** Fifteen slots without a block: a client that misses a few proposals is not meant. */
const BLOCKS_STOPPED_SECONDS = 60
/** Slots that a head may be behind: heads are asked for every 8 slots, so what is told is that old. */
const HEAD_LAG_SLOTS = 16

type Rule = (network: NetworkDocument) => Finding[]

/** The likeliest cause of a mesh that is not as it should be stands first. */
const RULES: readonly Rule[] = [
  notRunning,
  snapshotOld,
  noMesh,
  companion,
  clock,
  blocksStopped,
  finalityDiffers,
  chainBehind,
  headsLag,
  peersMissing,
  foreignPeers,
  emptyTopics,
  smallNetwork,
  restarted,
]

/** Why the mesh of one network is as it is: at least one finding, in the order of `RULES`. */
export function networkCauses(network: NetworkDocument): Finding[] {
  // All else is of a life that has ended.
  if (network.phase !== 'running') return notRunning(network)
  const found = RULES.flatMap((rule) => rule(network))
  return found.some(({ level }) => level === 'wrong') ? found : [well(network), ...found]
}

const wrong = (kind: Finding['kind'], sentence: string, evidence: string[] = []): Finding[] => [
  { kind, level: 'wrong', sentence, evidence },
]
const note = (kind: Finding['kind'], sentence: string, evidence: string[] = []): Finding[] => [
  { kind, level: 'note', sentence, evidence },
]
const largest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0)
const nameOf = ({ name, peerId }: PeerDocument): string => name ?? peerId
const configured = ({ targets }: NetworkDocument): TargetDocument[] => targets.filter(({ phase }) => phase !== 'self')
const topicsOf = (topics: readonly TopicDocument[]): string =>
  told(topics.map(({ topic }) => topicName(topic))).join(', ')

function well({ meshPeers, topics, snapshotAgeSeconds = 0 }: NetworkDocument): Finding {
  const meshed = meshedTopics(topics)
  const sentence = `The mesh is well: ${count(meshPeers, 'peer')} in it.`
  const evidence = [
    `${meshed} of ${count(topics.length, 'topic')} with a mesh`,
    `the snapshot is ${snapshotAgeSeconds.toFixed(1)} s old`,
  ]
  return { kind: 'well', level: 'well', sentence, evidence }
}

function notRunning({ phase, lastError, restarts }: NetworkDocument): Finding[] {
  if (phase === 'running') return []
  const sentence = {
    starting: 'The swarm is still starting, so its mesh reads 0: ask again in a few seconds.',
    restarting: 'The swarm ended and is being restarted, so its mesh reads 0.',
    stopped: 'The swarm is stopped, so its mesh reads 0.',
  }[phase]
  const ends = byReason(restarts)
  return wrong('not_running', sentence, [
    ...(lastError === undefined ? [] : [`the last error: ${lastError}`]),
    ...(ends.length === 0 ? [] : [`restarts: ${ends.join(', ')}`]),
  ])
}

function snapshotOld({ snapshotAgeSeconds: age }: NetworkDocument): Finding[] {
  if (age === undefined) return wrong('snapshot_old', 'The swarm runs, but has not said anything of its mesh yet.')
  if (age <= STALE_SECONDS) return []
  const sentence = 'What is known is old: the swarm is busy or hangs, and all below was true when it last spoke.'
  return wrong('snapshot_old', sentence, [`the snapshot is ${age.toFixed(0)} s old, and one comes every second`])
}

function noMesh(network: NetworkDocument): Finding[] {
  if (network.meshPeers > 0 || network.snapshotAgeSeconds === undefined) return []
  if (network.connectedPeers.length === 0) return unconnected(network)
  return network.topics.some(({ subscribers }) => subscribers > 0) ? notGrafted(network) : unsubscribed(network)
}

function unconnected(network: NetworkDocument): Finding[] {
  const targets = configured(network)
  if (targets.length === 0) {
    return wrong(
      'no_peers_configured',
      'No mesh peers: no peer is configured, and none has connected; set --peers, --genesis or --companion.',
    )
  }
  const errors = failuresOf(targets)
  if (errors.length === 0)
    return wrong('dialing', `No mesh peers: ${count(targets.length, 'configured peer')} still being dialled.`)
  const sentence = `No mesh peers: nothing can be reached of ${count(targets.length, 'configured peer')}; check their addresses, and whether UDP gets through.`
  return wrong('unreachable', sentence, errors)
}

function failuresOf(targets: readonly TargetDocument[]): string[] {
  return told(
    targets.flatMap((target) =>
      target.lastError === undefined || target.phase === 'connected'
        ? []
        : [`${nameOf(target)}: ${target.lastError}, ${count(target.failures, 'failed attempt')}`],
    ),
  )
}

function digestsOf({ foreignForks: { digests } }: NetworkDocument): string[] {
  return told(digests.map(({ forkDigest, peers }) => `${count(peers, 'peer')} on fork digest ${forkDigest}`))
}

function unsubscribed(network: NetworkDocument): Finding[] {
  const { connectedPeers, forkDigest = 'none', topics } = network
  const connected = `connected to ${count(connectedPeers.length, 'peer')}`
  const digests = digestsOf(network)
  if (digests.length > 0) {
    const sentence = 'No mesh peers: the others are on another fork digest; set --fork-digest to theirs.'
    return wrong('fork_digest', sentence, [`this network is configured for ${forkDigest}`, ...digests, connected])
  }
  const sentence =
    'No mesh peers: peers connect, but nobody subscribes to our topics; check --topics, and that they speak gossipsub.'
  return wrong('nobody_subscribes', sentence, [connected, `our topics: ${topicsOf(topics)}`])
}

function notGrafted({ topics }: NetworkDocument): Finding[] {
  const subscribed = largest(topics.map(({ subscribers }) => subscribers))
  const refusing = topics.filter(({ backoffs }) => backoffs > 0)
  const evidence = [`${count(subscribed, 'peer')} subscribed to the same topic`]
  if (refusing.length > 0) {
    const sentence = 'No mesh peers: they pruned us, and must not be asked again until their back-off ends (a minute).'
    return wrong('backed_off', sentence, [...evidence, `back-offs in: ${topicsOf(refusing)}`])
  }
  const sentence =
    'No mesh peers: peers subscribe, but none has taken us in; a mesh forms within seconds, unless theirs are full.'
  return wrong('meshes_full', sentence, evidence)
}

function companion({ companion: peer, topics }: NetworkDocument): Finding[] {
  if (peer === undefined || peer.phase === 'unknown') return []
  if (peer.phase === 'self')
    return wrong('companion', 'The companion has the key of this sidecar: give one of them another key.', [peer.peerId])
  const evidence = [peer.sentence, peer.lastError ?? ''].filter((text) => text !== '').slice(0, 1)
  if (peer.phase !== 'connected') return wrong('companion', `The companion ${nameOf(peer)} is not connected.`, evidence)
  if (topics.some(({ mesh }) => mesh.some(({ peerId }) => peerId === peer.peerId))) return []
  const { state = 'subscribed', sinceSeconds = 0 } = peer
  const tell = mendsByItself(state, sinceSeconds) ? note : wrong
  return tell('companion', `The companion ${nameOf(peer)} is connected, but in no mesh of ours.`, evidence)
}

function clock({ clock: standing }: NetworkDocument): Finding[] {
  if (standing?.state !== 'suspect') return []
  return wrong(
    'clock',
    "This host's clock or the genesis time is off, so messages cannot be timed; check the time service and GENESIS_TIME.",
    [standing.sentence ?? 'what messages say does not fit the clock'],
  )
}

function blocksStopped({ lastMessageAgeSeconds }: NetworkDocument): Finding[] {
  const age = lastMessageAgeSeconds['block']
  if (age === undefined || age <= BLOCKS_STOPPED_SECONDS) return []
  const sentence = 'Blocks have stopped: none is proposed any more, or none reaches this place.'
  return wrong('blocks_stopped', sentence, [`the last block came ${age.toFixed(0)} s ago`])
}

function finalityDiffers({ heads }: NetworkDocument): Finding[] {
  if ((finalizedRoots(heads) ?? 0) < 2) return []
  const sentence = 'The named peers have finalized different blocks for the same slot: the network has forked.'
  const evidence = heads.map(
    (head) => `${nameOf(head)}: slot ${head.finalizedSlot}, root ${head.finalizedRoot.slice(0, 8)}`,
  )
  return wrong('finality_differs', sentence, told(evidence))
}

function chainBehind({ heads, currentSlot }: NetworkDocument): Finding[] {
  if (currentSlot === undefined || heads.length === 0) return []
  const best = largest(heads.map(({ headSlot }) => headSlot))
  if (currentSlot - best <= HEAD_LAG_SLOTS) return []
  const sentence = 'No named peer is near the present slot: the chain stands still, or the genesis time is wrong.'
  return wrong('chain_behind', sentence, [`the present slot is ${currentSlot}, the best head ${best}`])
}

function headsLag({ heads }: NetworkDocument): Finding[] {
  const best = largest(heads.map(({ headSlot }) => headSlot))
  const behind = heads.filter(({ headSlot }) => best - headSlot > HEAD_LAG_SLOTS)
  if (behind.length === 0) return []
  const evidence = behind.map((head) => `${nameOf(head)}: slot ${head.headSlot}, ${best - head.headSlot} behind`)
  return wrong('heads_lag', `${count(behind.length, 'named peer')} behind the best head, slot ${best}.`, told(evidence))
}

function peersMissing(network: NetworkDocument): Finding[] {
  if (network.connectedPeers.length === 0) return []
  const targets = configured(network)
  const errors = failuresOf(targets)
  if (errors.length === 0) return []
  const missing = targets.filter(({ phase }) => phase !== 'connected').length
  return wrong('peers_missing', `${missing} of ${count(targets.length, 'configured peer')} cannot be reached.`, errors)
}

function foreignPeers(network: NetworkDocument): Finding[] {
  if (network.meshPeers === 0 || network.foreignForks.digests.length === 0) return []
  const { forkDigest = 'none' } = network
  return note('foreign_peers', `Some peers are on another fork digest than ours, ${forkDigest}.`, digestsOf(network))
}

function emptyTopics({ topics, meshPeers }: NetworkDocument): Finding[] {
  const empty = topics.filter(({ mesh }) => mesh.length === 0)
  if (meshPeers === 0 || empty.length === 0) return []
  const asked = empty.filter(({ subscribers }) => subscribers > 0)
  const evidence = [
    ...(asked.length === 0 ? [] : [`somebody subscribes to ${topicsOf(asked)}, and has not taken us in`]),
    ...(asked.length === empty.length ? [] : ['to the others nobody subscribes']),
  ]
  return note('empty_topics', `Without a mesh: ${topicsOf(empty)}.`, evidence)
}

function smallNetwork({ topics }: NetworkDocument): Finding[] {
  const short = topics.filter(({ mesh, deficit, candidates }) => mesh.length > 0 && deficit > 0 && candidates === 0)
  if (short.length === 0) return []
  const sentence = `Fewer than ${D_LOW} mesh peers, and nobody else to take in: normal in a small network.`
  return note('small_network', sentence, [`topics: ${topicsOf(short)}`])
}

function restarted({ restarts }: NetworkDocument): Finding[] {
  const ends = byReason(restarts)
  return ends.length === 0 ? [] : note('restarted', 'The swarm was restarted since the sidecar started.', ends)
}
