import { join } from 'node:path'
import type { LoadedSettings, NetworkSettings } from '../config/settings.ts'
import type { SettingKey } from '../config/settings-table.ts'
import { readGenesisConfig, type GenesisConfig } from '../genesis/genesis-config.ts'
import { readIdentity, type IdentityFile } from '../genesis/identity-file.ts'
import { readNodes } from '../genesis/nodes-file.ts'
import { mergePeers, readPeers } from '../genesis/peers.ts'
import type { Names } from '../mesh/names.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { SLOT_MS } from '../mesh/slot-clock.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'
import { defaultTopicNames, leanTopic } from '../mesh/topics.ts'
import type { NetworkOptions, SwarmOptions } from '../sidecar.ts'
import type { ProblemList, Subject } from './file-problems.ts'
import { findCompanion } from './find-companion.ts'
import { absentSubnetWarnings } from './settings-warnings.ts'

/** A network with its files read, and what a summary says of it. */
export interface PreparedNetwork {
  options: NetworkOptions
  forkDigest: string
  topicNames: string[]
  /** The peer id of the key file; absent when the identity is a new one at each start. */
  peerId?: PeerIdString
  warnings: string[]
}

interface Reading {
  settings: NetworkSettings
  list: ProblemList
  /** The names table; undefined where there is none, or none that is right. */
  names: Names | undefined
  /** Whether a names table was asked for. */
  hasNamesSetting: boolean
  subject(key: SettingKey, item?: number): Subject
}

/** Without a genesis folder the network is taken to have one subnet. */
async function readGenesis({ settings, list, subject }: Reading) {
  const { genesis } = settings
  if (genesis === undefined) return { peers: [], subnets: 1 }
  const peers = await list.attempt(subject('genesis'), () => readNodes(join(genesis, 'nodes.yaml')))
  const config = await list.attempt(subject('genesis'), () => readGenesisConfig(join(genesis, 'config.yaml')))
  return { peers: peers ?? [], subnets: config?.attestationCommitteeCount ?? 1, config }
}

async function readPeerItems({ settings, list, subject }: Reading): Promise<PeerTarget[]> {
  const peers: PeerTarget[] = []
  for (const [item, text] of settings.peers.entries()) {
    peers.push(...((await list.attempt(subject('peers', item), () => readPeers(text))) ?? []))
  }
  return peers
}

async function readCompanion(peers: readonly PeerTarget[], reading: Reading): Promise<PeerTarget | undefined> {
  const { settings, list, names, hasNamesSetting } = reading
  const { companion } = settings
  // A names table that could not be read is a problem of its own; nothing is known of the names in it.
  if (companion === undefined || (hasNamesSetting && names === undefined)) return undefined
  const subject = reading.subject('companion')
  const found = await list.attempt(subject, () => findCompanion(companion, peers, names))
  if (found === undefined || 'peerId' in found) return found
  list.add({ setting: 'companion', where: subject.where, ...found })
  return undefined
}

/** Many more than a devnet has, and well below the connections that a swarm holds: those that dial in need room too. */
const MAX_PEERS = 200

function checkPeers(peers: readonly PeerTarget[], { settings, list, subject }: Reading): void {
  if (peers.length <= MAX_PEERS) return
  const key = settings.peers.length > 0 ? 'peers' : 'genesis'
  const wrong = `peers, genesis and companion together are ${peers.length} peers, and the limit of a network is ${MAX_PEERS}`
  list.add({
    setting: key,
    where: subject(key).where,
    wrong,
    right: `Keep at most ${MAX_PEERS}: the mesh needs only some.`,
  })
}

function checkIdentity(
  identity: IdentityFile | undefined,
  peers: PeerTarget[],
  companion: PeerTarget | undefined,
  reading: Reading,
) {
  if (identity === undefined) return []
  const { peerId } = identity
  if (companion?.peerId === peerId) {
    const wrong = `it holds the companion's own key (${peerId}), and two nodes with one key throw each other out of the network`
    const right = 'Make a key for the sidecar with `leanmesh identity --out FILE`.'
    reading.list.add({ setting: 'identity', where: reading.subject('identity').where, wrong, right })
  }
  const isPeer = companion?.peerId !== peerId && peers.some((peer) => peer.peerId === peerId)
  return isPeer
    ? [`the identity ${peerId} is also one of the peers; if that is another node, make a key of the sidecar's own`]
    : []
}

function topicWarnings({ settings, subject }: Reading): string[] {
  if (!settings.fork_digest.startsWith('0x')) return []
  return [
    `fork_digest (${subject('fork_digest').where}) begins with 0x, and the topics of the clients do not; a wrong one joins nothing`,
  ]
}

/** An embedded network is nobody else's business: where nothing is said, its observer listens on loopback as it does. */
const LOOPBACK = '/ip4/127.0.0.1/udp/0/quic-v1'

interface ReadNetwork {
  settings: NetworkSettings
  listensOnLoopback: boolean
  topicNames: string[]
  peers: PeerTarget[]
  companion: PeerTarget | undefined
  genesis: { config?: GenesisConfig | undefined }
  identity: IdentityFile | undefined
}

function swarmOptions({ settings: { sidecar } }: LoadedSettings, read: ReadNetwork): SwarmOptions {
  const { settings, companion, identity } = read
  const genesisTimeSeconds = settings.genesis_time ?? read.genesis.config?.genesisTimeSeconds
  return {
    listen: read.listensOnLoopback ? [LOOPBACK] : settings.listen,
    topics: read.topicNames.map((name) => leanTopic(settings.fork_digest, name)),
    peers: read.peers,
    maxMessageBytes: settings.max_message_bytes,
    statusIntervalMs: settings.status_interval_slots * SLOT_MS,
    quic: {
      maxIdleTimeoutMs: settings['quic.max_idle_timeout_ms'],
      keepAliveIntervalMs: settings['quic.keep_alive_interval_ms'],
    },
    ...(sidecar.gossipsub_metrics && { gossipsubMetrics: true }),
    ...(genesisTimeSeconds === undefined ? {} : { genesisTimeSeconds }),
    ...(companion === undefined ? {} : { companion: companion.peerId }),
    ...(identity === undefined ? {} : { identityKeyHex: identity.keyHex }),
  }
}

/** Reads the files of one network. What is wrong goes to `list`; the outcome then only serves to find more. */
export async function prepareNetwork(
  index: number,
  loaded: LoadedSettings,
  context: { names: Names | undefined; list: ProblemList },
): Promise<PreparedNetwork> {
  const settings = loaded.settings.networks[index] as NetworkSettings
  const subject = (key: SettingKey, item?: number) => ({ key, where: loaded.whereSet(key, index, item) })
  const hasNamesSetting = loaded.settings.sidecar.names !== undefined
  const reading: Reading = { settings, subject, hasNamesSetting, ...context }

  const genesis = await readGenesis(reading)
  const listed = mergePeers([...genesis.peers, ...(await readPeerItems(reading))])
  const companion = await readCompanion(listed, reading)
  const peers = mergePeers(companion === undefined ? listed : [...listed, companion])
  checkPeers(peers, reading)
  const { identity: path } = settings
  const identity =
    path === undefined ? undefined : await context.list.attempt(subject('identity'), () => readIdentity(path))
  const listensOnLoopback = loaded.settings.sidecar.devnet > 0 && subject('listen').where === 'default'
  const topicNames = [...new Set(settings.topics ?? defaultTopicNames(genesis.subnets))]
  return {
    options: {
      networkId: settings.name ?? String(index),
      swarm: swarmOptions(loaded, { settings, listensOnLoopback, topicNames, peers, companion, genesis, identity }),
      memoryLimitMib: settings.swarm_memory_mib,
      ...(settings.companion_metrics !== undefined && { companionMetrics: settings.companion_metrics }),
      ...(genesis.config && { attestationCommittees: genesis.config.attestationCommitteeCount }),
    },
    forkDigest: settings.fork_digest,
    topicNames,
    ...(identity === undefined ? {} : { peerId: identity.peerId }),
    warnings: [
      ...(identity?.warnings ?? []),
      ...checkIdentity(identity, peers, companion, reading),
      ...topicWarnings(reading),
      ...absentSubnetWarnings(settings, genesis.subnets, subject('topics').where),
    ],
  }
}
