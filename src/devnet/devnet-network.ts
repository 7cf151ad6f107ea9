import { type Loop, pause, startLoop } from '../lifecycle/loop.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { INTERVAL_MS, INTERVALS_PER_SLOT } from '../mesh/slot-clock.ts'
import { topicKind, type TopicKind } from '../mesh/topics.ts'
import { Swarm } from '../swarm/swarm.ts'
import { devnetAggregation, devnetAttestation, devnetBlock } from './messages.ts'

/** The lean clients that the devnet's peers are named after. They are all leanmesh's own swarm. */
const CLIENTS = ['zeam', 'ream', 'ethlambda', 'lantern', 'qlean', 'gean', 'grandine', 'nlean']
const QUIC = { maxIdleTimeoutMs: 4000, keepAliveIntervalMs: 1500 }
const NO_USAGE = { cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 }

/** One peer of the devnet, ready to be dialled. */
export interface DevnetPeer extends PeerTarget {
  name: string
}

export interface DevnetNetworkOptions {
  size: number
  /** Full topic strings: those that the observer joins. */
  topics: string[]
  maxMessageBytes: number
}

export interface DevnetNetwork {
  peers: DevnetPeer[]
  stop(): Promise<void>
}

/** Starts peers on loopback that mesh with each other and publish in the rhythm of slots of 4 s. */
export async function startDevnetNetwork(options: DevnetNetworkOptions): Promise<DevnetNetwork> {
  const { topics } = options
  const swarms: Swarm[] = []
  const peers: DevnetPeer[] = []
  for (let index = 0; index < options.size; index++) {
    const swarm = createPeer(topics, [...peers], options.maxMessageBytes)
    await swarm.start()
    swarms.push(swarm)
    peers.push(describe(swarm, index))
  }
  const loop = startPublishing(swarms, topics)
  return {
    peers,
    async stop() {
      await loop.stop()
      await Promise.all(swarms.map((swarm) => swarm.stop()))
    },
  }
}

function createPeer(topics: string[], peers: PeerTarget[], maxMessageBytes: number): Swarm {
  const listen = ['/ip4/127.0.0.1/udp/0/quic-v1']
  const options = { listen, topics, peers, maxMessageBytes, quic: QUIC, statusIntervalMs: 0 }
  return new Swarm(options, { agent: 'leanmesh-devnet', usage: () => NO_USAGE, onSnapshot: () => undefined })
}

function describe(swarm: Swarm, index: number): DevnetPeer {
  const { peerId, listenAddresses } = swarm.snapshot()
  const round = Math.floor(index / CLIENTS.length)
  return {
    peerId,
    addresses: listenAddresses.map((address) => address.replace(/\/p2p\/.*$/, '')),
    name: `${CLIENTS[index % CLIENTS.length]}_${round}`,
  }
}

/** A block in interval 0, attestations in interval 1, an aggregation in interval 2. */
const KIND_OF_INTERVAL: (TopicKind | undefined)[] = ['block', 'attestation', 'aggregation']

function startPublishing(swarms: Swarm[], topics: string[]): Loop {
  return startLoop(
    async (signal) => {
      // One more: a timer may fire a millisecond early, in the interval before.
      await pause(INTERVAL_MS - (Date.now() % INTERVAL_MS) + 1, signal)
      if (signal.aborted) return
      const interval = Math.floor(Date.now() / INTERVAL_MS)
      const slot = Math.floor(interval / INTERVALS_PER_SLOT)
      const kind = KIND_OF_INTERVAL[interval % INTERVALS_PER_SLOT]
      const due = topics.filter((topic) => topicKind(topic) === kind)
      await Promise.all(due.map((topic) => publish(swarms, topic, slot)))
    },
    // A message that finds no peer yet is no reason to stop.
    () => undefined,
  )
}

async function publish(swarms: Swarm[], topic: string, slot: number): Promise<void> {
  const kind = topicKind(topic)
  const proposer = swarms[slot % swarms.length]
  if (kind === 'block') await proposer?.publish(topic, devnetBlock(slot))
  if (kind === 'aggregation') await proposer?.publish(topic, devnetAggregation(slot))
  if (kind === 'attestation') {
    await Promise.all(swarms.map((swarm, index) => swarm.publish(topic, devnetAttestation(slot, index))))
  }
}
