import type { MeshDocument, NetworkDocument } from './mesh-document.ts'

/** How a network stands, in one sentence that says what to look at when it does not stand well. */
export interface Standing {
  level: 'good' | 'waiting' | 'bad'
  sentence: string
}

/** A snapshot older than this many seconds: the swarm pushes one every second. */
export const STALE_SECONDS = 5

/** Names in a sentence. */
const MAX_NAMES = 20

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`

const are = (amount: number): string => (amount === 1 ? 'is' : 'are')

function because(network: { lastError?: string }): string {
  return network.lastError === undefined ? '' : `: ${network.lastError}`
}

function unconnected({ targets }: NetworkDocument): Standing {
  const configured = targets.filter((target) => target.phase !== 'self')
  if (configured.length === 0) {
    return { level: 'waiting', sentence: 'no mesh peers: no peers are configured (--peers), and none has connected' }
  }
  const lastError = configured.find((target) => target.lastError !== undefined)?.lastError
  const reason = lastError === undefined ? 'still dialling' : `last error: ${lastError}`
  const level = lastError === undefined ? 'waiting' : 'bad'
  return {
    level,
    sentence: `no mesh peers: connected to 0 of ${count(configured.length, 'configured peer')}, ${reason}`,
  }
}

function forkSentence({ forkDigest = 'none', foreignForks: { digests } }: NetworkDocument): string | undefined {
  if (digests.length === 0) return undefined
  const others = digests.map(
    (other) => `${count(other.peers, 'peer')} ${are(other.peers)} on fork digest ${other.forkDigest}`,
  )
  return `${others.join(', ')}, this network is configured for ${forkDigest} (--fork-digest)`
}

function unmeshed(network: NetworkDocument): Standing {
  const { connectedPeers, topics } = network
  const connected = `connected to ${count(connectedPeers.length, 'peer')}`
  const subscribers = Math.max(0, ...topics.map((topic) => topic.subscribers))
  if (subscribers === 0) {
    const forks = forkSentence(network)
    if (forks !== undefined) return { level: 'bad', sentence: `no mesh peers: ${connected}: ${forks}` }
    const hint = 'check the fork digest (--fork-digest) and the topics (--topics)'
    return { level: 'bad', sentence: `no mesh peers: ${connected}, but nobody subscribes to our topics: ${hint}` }
  }
  const hint = 'a mesh forms within a few heartbeats, unless theirs are full'
  return { level: 'waiting', sentence: `no mesh peers: ${connected}, ${subscribers} of them subscribed: ${hint}` }
}

function running(network: NetworkDocument): Standing {
  const { snapshotAgeSeconds: age, meshPeers, connectedPeers, topics } = network
  if (age === undefined) return { level: 'waiting', sentence: 'running, but it has not said anything yet' }
  if (age > STALE_SECONDS) {
    return {
      level: 'bad',
      sentence: `${count(meshPeers, 'peer')} in the mesh ${age.toFixed(0)} s ago: the swarm is busy or hung`,
    }
  }
  if (meshPeers === 0) return connectedPeers.length === 0 ? unconnected(network) : unmeshed(network)
  const meshed = topics.filter((topic) => topic.mesh.length > 0).length
  const where = `${count(meshPeers, 'peer')} in the mesh of ${count(meshed, 'topic')}`
  return { level: 'good', sentence: `${where}, snapshot ${age.toFixed(1)} s old` }
}

/** The sentence at the head of a network's section. */
export function standingOf(network: NetworkDocument): Standing {
  switch (network.phase) {
    case 'running':
      return running(network)
    case 'starting':
      return { level: 'waiting', sentence: `starting${because(network)}` }
    case 'restarting':
      return { level: 'bad', sentence: `restarting${because(network)}` }
    case 'stopped':
      return { level: 'bad', sentence: `stopped${because(network)}` }
  }
}

/** Which values of the last scrape may be old, in one sentence; undefined when none. */
export function refresherSentence({ refreshers = [] }: MeshDocument): string | undefined {
  if (refreshers.length === 0) return undefined
  return `not up to date at the last scrape: ${refreshers.map(({ name, error }) => `${name} (${error})`).join(', ')}`
}

/** Named peers that never connected, in one sentence; undefined when there are none. */
export function neverSeenSentence({ neverSeen }: MeshDocument): string | undefined {
  if (neverSeen.length === 0) return undefined
  const more = neverSeen.length > MAX_NAMES ? ` and ${neverSeen.length - MAX_NAMES} more` : ''
  return `never seen since the start: ${neverSeen.slice(0, MAX_NAMES).join(', ')}${more}`
}
