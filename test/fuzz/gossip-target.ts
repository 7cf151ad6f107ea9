/** RPCs of gossipsub, as three peers send them to one router that stays the same over all cases. */
import assert from 'node:assert/strict'
import { type GossipSub, TopicValidatorResult } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { compressSync } from 'snappy'
import { parseReport } from '../../src/channel/parse-report.ts'
import { createTotals } from '../../src/measure/totals.ts'
import { createGossip } from '../../src/swarm/gossip.ts'
import { swarmKey } from '../../src/swarm/identity.ts'
import { hiddenTables } from '../../src/swarm/mend-hidden-tables.ts'
import { createMeshWatch } from '../../src/swarm/mesh-watch.ts'
import { createNode } from '../../src/swarm/node.ts'
import { AGGREGATION, BLOCK, snapshotOf } from '../support/network-states.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'
import { swarmOptions } from '../support/swarm-options.ts'
import { mutatedBytes } from './mutated.ts'
import { fuzzTarget } from './target.ts'

/** The part of gossipsub's class that an inbound stream calls. */
interface Router extends GossipSub {
  topics: Map<string, Set<string>>
  mesh: Map<string, Set<string>>
  peers: Map<string, PeerId>
  streamsOutbound: Map<string, object>
  addPeer(peer: PeerId, direction: string, address: unknown): void
  decodeRpc(bytes: Uint8Array): RPC
  handleReceivedRpc(from: PeerId, rpc: RPC): Promise<void>
  heartbeat(): Promise<void>
}

const TOPICS = [BLOCK, AGGREGATION]
const MAX_BACK_OFFS = 300
const MAX_BACK_OFF_MS = 11 * 60_000
const MAX_MESSAGE_BYTES = 64 * 1024

async function createRouter() {
  const totals = createTotals(TOPICS)
  const watch = createMeshWatch(TOPICS, totals)
  const gossip = createGossip({ maxMessageBytes: MAX_MESSAGE_BYTES }, () => undefined)
  const options = { ...swarmOptions({ topics: TOPICS, listen: [] }), agent: 'fuzz' }
  const observer = { ...SILENT_OBSERVER, ...watch }
  const { pubsub } = await createNode(options, await swarmKey(undefined), gossip.options, observer)
  const router = pubsub as unknown as Router
  watch.attach(pubsub)
  const keys = await Promise.all([1, 2, 3].map(() => generateKeyPair('secp256k1')))
  const senders = keys.map((key) => peerIdFromPrivateKey(key))
  for (const peer of senders) {
    router.addPeer(peer, 'inbound', multiaddr('/ip4/127.0.0.1/tcp/1'))
    const rawStream = { writeBufferLength: 0, abort: () => undefined }
    const stream = { protocol: '/meshsub/1.2.0', rawStream, push: () => undefined, pushPrefixed: () => undefined }
    router.streamsOutbound.set(peer.toString(), stream)
  }
  for (const topic of TOPICS) {
    router.mesh.set(topic, new Set())
    ;(router as unknown as { subscriptions: Set<string> }).subscriptions.add(topic)
    router.topicValidators.set(topic, (from, message) =>
      message.data === undefined ? TopicValidatorResult.Reject : gossip.validator(from, message),
    )
  }
  return { router, senders, watch, totals, tables: hiddenTables(pubsub) }
}

const topic = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TOPICS) },
  fc.constantFrom('/leanconsensus/other/block/ssz_snappy', '__proto__', 'constructor', '', 'x'.repeat(2_000)),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const ids = fc.array(fc.uint8Array({ maxLength: 24 }), { maxLength: 4 })
const few = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { maxLength: 3 })
const rpc = fc
  .record({
    subscriptions: few(fc.record({ topic, subscribe: fc.boolean() }, { requiredKeys: [] })),
    messages: few(
      fc.record(
        {
          topic,
          data: fc.oneof(
            fc.uint8Array({ maxLength: 60 }),
            fc.uint8Array({ maxLength: 60 }).map((data) => new Uint8Array(compressSync(Buffer.from(data)))),
          ),
          from: fc.uint8Array({ maxLength: 40 }),
          seqno: fc.uint8Array({ maxLength: 10 }),
          signature: fc.uint8Array({ maxLength: 10 }),
          key: fc.uint8Array({ maxLength: 40 }),
        },
        { requiredKeys: ['topic'] },
      ),
    ),
    control: fc.record({
      ihave: few(fc.record({ topicID: topic, messageIDs: ids })),
      iwant: few(fc.record({ messageIDs: ids })),
      graft: few(fc.record({ topicID: topic })),
      prune: few(
        fc.record({
          topicID: topic,
          backoff: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(Number),
          peers: few(
            fc.record({ peerID: fc.uint8Array({ maxLength: 40 }), signedPeerRecord: fc.uint8Array({ maxLength: 40 }) }),
          ),
        }),
      ),
      idontwant: few(fc.record({ messageIDs: ids })),
    }),
  })
  .map((value) => encoded(value))

/** Backoffs beyond what the codec writes are left out. */
function encoded(value: Parameters<typeof RPC.encode>[0]): Uint8Array {
  try {
    return RPC.encode(value)
  } catch {
    return new Uint8Array()
  }
}

const state = await createRouter()
let cases = 0

function assertBounded(): void {
  const { router, senders, watch, totals, tables } = state
  const known = new Set(senders.map(String))
  for (const [topic, peers] of [...router.topics, ...router.mesh]) {
    assert.ok(TOPICS.includes(topic), `it keeps ${topic}`)
    for (const peer of peers) assert.ok(known.has(peer), `${peer} is nobody's`)
  }
  for (const topic of TOPICS) {
    const backOffs = tables.backoffs(topic)
    assert.ok(backOffs.size <= MAX_BACK_OFFS)
    for (const until of backOffs.values()) assert.ok(until <= Date.now() + MAX_BACK_OFF_MS, `a back-off until ${until}`)
  }
  const snapshot = snapshotOf({ ...watch.read(), totals: totals.read() })
  parseReport(JSON.parse(JSON.stringify({ type: 'snapshot', snapshot })))
}

const gossipRpc = fuzzTarget({
  name: 'gossip-rpc',
  inputs: mutatedBytes(rpc),
  form: 'hex',
  weight: 5,
  names: /^$/,
  async read(bytes: Uint8Array) {
    const { router, senders } = state
    const sender = senders[cases++ % senders.length]
    assert.ok(sender)
    let decoded: RPC
    try {
      decoded = router.decodeRpc(bytes)
    } catch {
      // gossipsub does so too, and reads the next one.
      return false
    }
    await router.handleReceivedRpc(sender, decoded)
    if (cases % 50 === 0) await router.heartbeat()
    assertBounded()
    return true
  },
})

export const GOSSIP_TARGETS = [gossipRpc] as const
