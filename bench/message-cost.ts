/** What the measuring of gossip messages costs, beside all that a swarm does for one. */
import { devnetAggregation, devnetAttestation, devnetBlock } from '../src/devnet/messages.ts'
import { type AcceptedMessage, createMessages } from '../src/measure/messages.ts'
import { createTotals } from '../src/measure/totals.ts'
import { SLOT_MS } from '../src/mesh/slot-clock.ts'
import { TOPIC_KINDS, type TopicKind } from '../src/mesh/topics.ts'
import { mendInboundRpcs } from '../src/swarm/mend-inbound-rpcs.ts'
import { startRealPeer } from '../test/support/real-peer.ts'
import { isQuick } from './support/flags.ts'
import { childrenOf, cpuSecondsOf } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { LISTEN, TOPICS, type Transport } from './support/sidecar-options.ts'
import { median } from './support/statistics.ts'
import { startSubject } from './support/subject.ts'
import { figure, printTable, verdict } from './support/table.ts'

const MESSAGES = isQuick ? 200_000 : 1_000_000
const ROUNDS = 7
const FLOOD = { bytes: 3200, perSecond: 1000, seconds: isQuick ? 4 : 12 }
/** Goal: the share of the swarm's own CPU, in percent. */
const GOAL_PERCENT = 5
const [TOPIC = ''] = TOPICS
/** Peers that deliver in turn: a full mesh. */
const PEERS = Array.from({ length: 12 }, (_, index) => `16Uiu2HAmPeer${index}`)
const FIRST_SLOT = 100_000
const PAYLOAD: Readonly<Record<TopicKind, (slot: number) => Uint8Array>> = {
  block: devnetBlock,
  attestation: (slot) => devnetAttestation(slot, 1),
  aggregation: devnetAggregation,
}

/** CPU time of one call, in nanoseconds: the median of the rounds after the first, in which the compiler is at work. */
async function nanosecondsOf(round: () => Promise<void> | void): Promise<number> {
  const figures: number[] = []
  for (let index = 0; index <= ROUNDS; index++) {
    const before = process.cpuUsage()
    await round()
    const { user, system } = process.cpuUsage(before)
    figures.push(((user + system) * 1000) / MESSAGES)
  }
  return median(figures.slice(1))
}

/** Messages of one kind, each in its slot, 250 a slot. */
async function measuringNs(kind: TopicKind): Promise<number> {
  const totals = createTotals()
  let nowMs = 0
  let count = 0
  const messages = createMessages(0, { totals, nowMs: () => nowMs, monotonicMs: () => nowMs, isTrusted: () => true })
  const slots = Array.from({ length: 64 }, (_, index) => FIRST_SLOT + index)
  const payloads = slots.map((slot) => PAYLOAD[kind](slot))
  for (const from of PEERS) totals.addClient(from)
  const next = (): AcceptedMessage => {
    const at = Math.floor(count / 250) % slots.length
    const from = PEERS[count % PEERS.length] ?? ''
    nowMs = (slots[at] ?? 0) * SLOT_MS + 1700
    count += 1
    return { kind, from, client: from, data: payloads[at] ?? new Uint8Array(), wireBytes: 700 }
  }
  return nanosecondsOf(() => {
    for (let index = 0; index < MESSAGES; index++) messages.onAccepted(next())
  })
}

/** What it adds to a message to be told of copies. */
async function copiesNs(): Promise<number> {
  const message = { topic: TOPIC }
  const fake = () => ({
    peers: new Map<string, unknown>(),
    subscriptions: new Set([TOPIC]),
    gossipTracer: { deliverMessage: () => undefined },
    acceptFrom: () => true,
    handleReceivedMessage: async () => undefined,
    validateReceivedMessage: async (_from: unknown, _message: { topic: string }) => ({ code: 'duplicate' }),
  })
  const copies = createMessages(0, {
    totals: createTotals(),
    nowMs: Date.now,
    monotonicMs: Date.now,
    isTrusted: () => true,
  })
  const [plain, mended] = [fake(), fake()]
  const onUnsubscribedMessage = () => undefined
  const observer = { onUnsubscribedMessage, onDuplicateMessage: () => copies.onCopy('block') }
  mendInboundRpcs(mended, observer, () => undefined)
  const run = (pubsub: ReturnType<typeof fake>) =>
    nanosecondsOf(async () => {
      for (let index = 0; index < MESSAGES; index++) await pubsub.validateReceivedMessage('peer', message)
    })
  return Math.max(0, (await run(mended)) - (await run(plain)))
}

/** CPU of the swarm plane for one message that it takes from a rust peer and forwards to a go peer, in microseconds. */
async function swarmUs(transport: Transport): Promise<number> {
  const options = { listen: [LISTEN[transport]], topics: [TOPIC], quietMessages: true }
  await using sender = await startRealPeer('rust', options)
  await using receiver = await startRealPeer('go', options)
  await using subject = await startSubject({
    entry: 'flood-subject.ts',
    args: ['two', transport, ...sender.addresses, ...receiver.addresses],
  })
  await Promise.all([sender, receiver].map((peer) => peer.waitForState(({ mesh }) => mesh[TOPIC]?.length === 1)))
  const [swarm = 0] = childrenOf(subject.pid)
  const before = cpuSecondsOf(swarm)
  const { sent } = await sender.flood({ topic: TOPIC, ...FLOOD })
  return ((cpuSecondsOf(swarm) - before) * 1e6) / sent
}

const measuring: [what: string, ns: number][] = []
for (const kind of TOPIC_KINDS) measuring.push([`${kind}: size, arrival, first delivery`, await measuringNs(kind)])
const copies = await copiesNs()
const swarm: Record<Transport, number> = { quic: await swarmUs('quic'), tcp: await swarmUs('tcp') }
const least = Math.min(...Object.values(swarm))

const row = (what: string, ns: number) => {
  const percent = ns / 1000 / least / 0.01
  return {
    what,
    'CPU ns a message': figure(ns),
    '% of the swarm': figure(percent, 2),
    goal: `${GOAL_PERCENT} ${verdict(percent, GOAL_PERCENT)}`,
  }
}
printTable(`Measuring, ${MESSAGES} messages a round, median of ${ROUNDS} rounds`, [
  ...measuring.map(([what, ns]) => row(what, ns)),
  row('being told of copies', copies),
  row('the dearest kind and copies', Math.max(...measuring.map(([, ns]) => ns)) + copies),
])
printTable(
  `All that the swarm does for one of ${FLOOD.perSecond} messages of ${FLOOD.bytes} bytes a second`,
  Object.entries(swarm).map(([transport, us]) => ({ transport, 'CPU us a message': figure(us) })),
)
writeResults('message-cost', {
  quick: isQuick,
  messages: MESSAGES,
  measuring: Object.fromEntries(measuring),
  copies,
  swarm,
})
