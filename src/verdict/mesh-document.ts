/** A peer and its name in the names table; null when the table does not know it, or there is none. */
export interface PeerDocument {
  peerId: string
  name: string | null
}

/** A peer that is connected. */
export interface ConnectedPeerDocument extends PeerDocument {
  /** What it says that it runs; absent until it has said it. Nobody checks it. */
  agent?: string
}

export interface TopicDocument {
  /** The full topic string. */
  topic: string
  /** How many peers announced a subscription. */
  subscribers: number
  mesh: PeerDocument[]
  /** How many more peers the mesh wants. */
  deficit: number
  /** How many connected subscribers it could take in now. */
  candidates: number
  /** How many peers it must not take in for now, after a prune. */
  backoffs: number
}

/** How the sidecar stands with one configured peer. */
export interface TargetDocument extends PeerDocument {
  phase: 'connected' | 'dialing' | 'waiting' | 'self'
  /** Failed attempts since the last success. */
  failures: number
  lastError?: string
  /** How far the last attempt came; there when `lastError` is. */
  failure?: 'unreachable' | 'handshake_failed' | 'wrong_peer_id'
}

/** What a named, connected peer last said of its chain. */
export interface HeadDocument extends PeerDocument {
  headSlot: number
  /** 64 hex digits, as the other root. */
  headRoot: string
  finalizedSlot: number
  finalizedRoot: string
  ageSeconds: number
}

/** How the sidecar stands with the client that it runs beside. */
export interface CompanionDocument extends PeerDocument {
  /** `unknown` while the network does not run. */
  phase: TargetDocument['phase'] | 'unknown'
  lastError?: string
  /** One of `leanmesh_companion_state`; absent while the network does not run, as the next two. */
  state?: string
  /** How long it has been in this state. */
  sinceSeconds?: number
  /** What the state rests on. */
  evidence?: {
    /** Failed attempts to connect since the last success. */
    failures: number
    lastError?: string
    /** Absent while it is not known. */
    speaksGossipsub?: boolean
    /** Those of our topics that it subscribes to, in whose mesh it is, and in which a prune forbids to graft it for now. */
    topics: string[]
    meshTopics: string[]
    backedOffTopics: string[]
    /** Of the lean topics of other forks that it subscribes to. */
    forkDigests: string[]
  }
  /** How it takes part, and what to do where it does not. */
  sentence: string
}

/** How this host's clock stands to the slots that messages name. */
export interface ClockDocument {
  /** `untimed`: no genesis time. `unjudged`: too few messages have said something. */
  state: 'untimed' | 'unjudged' | 'good' | 'suspect'
  /** How late recent blocks and attestations came, their median; below 0: too early. Absent when it is not known. */
  offsetSeconds?: number
  /** What is wrong, and what to check; absent when nothing is. */
  sentence?: string
}

export interface NetworkDocument {
  networkId: string
  phase: 'stopped' | 'starting' | 'running' | 'restarting'
  lastError?: string
  /** The sidecar's own peer id in this network; absent until the swarm has said it. */
  peerId?: string
  listenAddresses: string[]
  /** Absent when there is no snapshot. */
  snapshotAgeSeconds?: number
  /** Distinct peers in the mesh of any topic. */
  meshPeers: number
  /** Since a new message was accepted, by kind; a kind of which none has come is absent. */
  lastMessageAgeSeconds: Readonly<Record<string, number>>
  /** Absent when there is no snapshot. */
  clock?: ClockDocument
  connectedPeers: ConnectedPeerDocument[]
  /** Ours; absent when the topics are not of the lean network. */
  forkDigest?: string
  /** Peers that subscribe to lean topics of other forks, and the digests with most of them. */
  foreignForks: { peers: number; digests: { forkDigest: string; peers: number }[] }
  topics: TopicDocument[]
  targets: TargetDocument[]
  /** By the wall clock; absent without the genesis time, and before genesis. */
  currentSlot?: number
  heads: HeadDocument[]
  /** Absent when the settings name none. */
  companion?: CompanionDocument
  /** By reason. */
  restarts: Readonly<Record<string, number>>
  /** By reason. */
  droppedCommands: Readonly<Record<string, number>>
}

/** What `/v1/companion` answers: of each network that has a companion, how it stands with it. */
export interface CompanionsDocument {
  version: string
  /** ISO 8601, UTC. */
  generatedAt: string
  networks: ({ networkId: string } & CompanionDocument)[]
}

/** What `/v1/mesh` answers, and the status page shows. Fields are added, never renamed or removed, within `/v1`. */
export interface MeshDocument {
  version: string
  /** ISO 8601, UTC. */
  generatedAt: string
  /** Whether there is a names table, and with it the label `client` on the gauge. */
  clientLabels: boolean
  networks: NetworkDocument[]
  /** Names of the names table whose peers were never connected, in any network, since the sidecar started. */
  neverSeen: string[]
  /** Those that failed at the last scrape: what they bring may be old or missing. Absent when none did. */
  refreshers?: { name: string; error: string }[]
}
