/** What an observer of a full mesh costs: the sidecar, and beside it a Go and a Rust peer in its place. */
import { compiledMain } from './support/compiled-package.ts'
import { measurePhase, type PhaseResult } from './support/footprint-phase.ts'
import { isAlone, isQuick, isSettling, onlyTransport } from './support/flags.ts'
import { BLOCK, type Load, startNeighbourhood } from './support/neighbourhood.ts'
import { OBSERVER_KINDS, type ObserverKind, startObserver } from './support/observer.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { SNAPSHOT_DEADLINE_MS, TOPICS, type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { sum } from './support/statistics.ts'
import { figure, printTable, verdict } from './support/table.ts'

const MESSAGE_BYTES = 3200
const SECONDS = isQuick ? 10 : 60
const REST_SECONDS = isQuick ? 10 : 20
/** V8 gives back what a load made it take, but not before 105 s: `heap-at-rest.ts`. */
const LONG_REST_SECONDS = 110
const SETTLE_SECONDS = 300
const RATES = [100, 500, 1000]
/** Tried one after the other until one is not sustained. */
const HIGHER_RATES = [1500, 2000, 3000, 4500, 6000, 8000]
/** A rate is sustained when it came about, nothing is lost, and what the observer adds to a message's way stays below this. */
const SUSTAINED_P99_MS = 1000
const SUSTAINED_SHARE = 0.95
/** Compilers and caches are warm then, of all kinds alike. */
const WARM_UP = { bytes: MESSAGE_BYTES, perSecond: 300, seconds: isQuick ? 5 : 10 }
const GOALS = { lost: 0, cpuTimesGo: 1.2, restMiB: 150, settledMiB: 224, marginMs: 50 }
const [TOPIC = ''] = TOPICS

interface Phase {
  name: string
  load?: Load
  restSeconds?: number
}

interface Result extends PhaseResult {
  kind: ObserverKind
  transport: Transport
  phase: string
}

const flood = (perSecond: number, seconds = SECONDS): Phase => ({
  name: `${perSecond}/s${seconds > SECONDS ? `, ${seconds / 60} min` : ''}`,
  load: { bytes: MESSAGE_BYTES, perSecond, seconds },
})

const SETTLING = flood(1000, SETTLE_SECONDS)
const REST = { name: 'at rest' }
/** Once more when compilers are warm, and when they have nothing left to do: what an observer takes without messages is known then. */
const WARM_REST = { name: 'at rest, warm' }
const LATER_REST = { name: 'at rest, later' }
const AFTER_LOAD = [WARM_REST.name, LATER_REST.name]
/** Right after them, of the sidecar. */
const LONG_REST = { name: 'after two minutes of it', restSeconds: LONG_REST_SECONDS }
const LONG_RESTS = isQuick ? [] : [LONG_REST]
const EACH_LOAD: readonly Phase[] = [
  REST,
  WARM_REST,
  ...LONG_RESTS,
  ...RATES.map((rate) => flood(rate)),
  LATER_REST,
  ...LONG_RESTS,
  { name: BLOCK.name, load: { ...BLOCK, seconds: isQuick ? 12 : SECONDS } },
]
const PHASES = isSettling ? [SETTLING] : isQuick ? EACH_LOAD : [...EACH_LOAD, SETTLING]
const KINDS = isAlone || isSettling ? (['sidecar'] as const) : OBSERVER_KINDS
const CHOSEN = TRANSPORTS.filter((transport) => onlyTransport === undefined || transport === onlyTransport)
if (CHOSEN.length === 0) throw new Error(`--transport is ${onlyTransport}, and may be ${TRANSPORTS.join(' or ')}`)
const NAME = ['footprint', onlyTransport, isSettling && 'settled', isAlone && 'alone'].filter(Boolean).join('-')

async function measureObserver(kind: ObserverKind, transport: Transport, programs: { main: string; node: string }) {
  await using hood = await startNeighbourhood(transport, TOPIC)
  await using observer = await startObserver(kind, { transport, topic: TOPIC, peers: hood.addresses, ...programs })
  await hood.meshed()
  const results: Result[] = []
  const measure = async ({ name, load, restSeconds = REST_SECONDS }: Phase): Promise<Result> => {
    const result = await measurePhase(hood, observer, load ? { load } : { restSeconds })
    console.error(`${transport} ${kind} ${name}: ${JSON.stringify(result)}`)
    return { kind, transport, phase: name, ...result }
  }
  for (const phase of PHASES) {
    if (phase === LONG_REST && kind !== 'sidecar') continue
    if (phase === WARM_REST) await hood.flood(WARM_UP)
    results.push(await measure(phase))
  }
  const isCarried = RATES.every((rate) => results.some(isSustainedAt(rate)))
  for (const rate of isCarried ? HIGHER_RATES : []) {
    results.push(await measure(flood(rate)))
    if (!results.some(isSustainedAt(rate))) break
  }
  return results
}

const isSustainedAt =
  (rate: number) =>
  ({ phase, passed }: Result): boolean =>
    phase === flood(rate).name &&
    passed !== undefined &&
    passed.lost === 0 &&
    passed.addedWorstMs < SUSTAINED_P99_MS &&
    passed.perSecond > rate * SUSTAINED_SHARE

const each = (values: readonly number[], decimals = 0) => values.map((value) => figure(value, decimals)).join(' + ')

/** CPU seconds for 10,000 messages: all, and without what is taken at rest in as long a time, with the scrapes. */
function cpuOf({ kind, transport, cpuSeconds, passed, seconds }: Result, results: readonly Result[]) {
  const rests = results.filter(
    (other) => other.kind === kind && other.transport === transport && AFTER_LOAD.includes(other.phase),
  )
  const perSecond = rests.map((rest) => sum(rest.cpuSeconds) / rest.seconds)
  // Not known where only what settles is measured.
  const restPerSecond = rests.length > 0 ? Math.min(...perSecond) : Number.NaN
  const each = (total: number) => (passed ? (total / passed.sent) * 10_000 : Number.NaN)
  return { all: each(sum(cpuSeconds)), alone: each(sum(cpuSeconds) - restPerSecond * seconds) }
}

function loadRow(result: Result, results: readonly Result[]) {
  const { kind, transport, phase, passed } = result
  const go = results.find((other) => other.kind === 'go' && other.transport === transport && other.phase === phase)
  const own = cpuOf(result, results)
  const gos = go && cpuOf(go, results)
  const times = (what: 'all' | 'alone') => {
    const timesGo = gos ? own[what] / gos[what] : Number.NaN
    return kind === 'go' ? '1' : `${figure(timesGo, 2)} ${verdict(timesGo, GOALS.cpuTimesGo)}`
  }
  return {
    transport,
    load: phase,
    observer: kind,
    sent: figure(passed?.sent),
    'sent/s': figure(passed?.perSecond),
    'lost %': passed ? figure((passed.lost / passed.expected) * 100, 2) : '-',
    'copies in': figure(passed?.copiesIn, 2),
    'copies out': figure(passed?.copiesOut, 2),
    'added ms p50': figure(passed?.addedP50Ms, 1),
    'added ms p99': figure(passed?.addedP99Ms, 1),
    'of the last': figure(passed?.addedWorstMs, 1),
    'CPU s/10,000': figure(own.all, 2),
    'x Go, goal 1.2': times('all'),
    'without rest': figure(own.alone, 2),
    'x Go, without rest': times('alone'),
    "neighbours' CPU s": figure(passed?.loadCpuSeconds, 1),
    'load average': figure(result.loadAverage, 1),
  }
}

function memoryRow({ kind, transport, phase, passed, peakMiB, settledMiB, loadAverage }: Result) {
  const total = sum(settledMiB)
  const [rest, settled] = [GOALS.restMiB, GOALS.settledMiB]
  const goal = passed === undefined ? rest : phase === SETTLING.name ? settled : undefined
  const judged = kind === 'sidecar' && goal !== undefined ? ` (${goal} ${verdict(total, goal)})` : ''
  return {
    transport,
    load: phase,
    observer: kind,
    'peak MiB': each(peakMiB),
    'settled MiB': each(settledMiB),
    'settled together': `${figure(total)}${judged}`,
    'load average': figure(loadAverage, 1),
  }
}

function scrapeRow({ kind, transport, phase, scrapes, loadAverage }: Result, results: readonly Result[]) {
  const rest = results.find(
    (other) => other.kind === kind && other.transport === transport && other.phase === REST.name,
  )
  const restMs = rest?.scrapes?.failures === 0 ? rest.scrapes.p99Ms : 0
  const goal = Math.max(3 * restMs, SNAPSHOT_DEADLINE_MS + GOALS.marginMs)
  return {
    transport,
    load: phase,
    scrapes: figure(scrapes?.count),
    failed: figure(scrapes?.failures),
    'p50 ms': figure(scrapes?.p50Ms, 1),
    'p99 ms': figure(scrapes?.p99Ms, 1),
    'goal p99': `${figure(goal)} ${verdict(scrapes?.p99Ms ?? Number.NaN, goal)}`,
    'lag p99 ms': each(scrapes?.lagMs ?? []),
    'load average': figure(loadAverage, 1),
  }
}

/** Of whom each rate was tried, in messages a second; 0 when not even the lowest was sustained. */
function highestRates() {
  if (isSettling) return []
  return CHOSEN.flatMap((transport) =>
    KINDS.flatMap((kind) => {
      const own = results.filter((result) => result.kind === kind && result.transport === transport)
      const rates = [...RATES, ...HIGHER_RATES]
      const missed = rates.findIndex((rate) => !own.some(isSustainedAt(rate)))
      const perSecond = (missed < 0 ? rates.at(-1) : rates[missed - 1]) ?? 0
      return own.length > 0 ? [{ transport, observer: kind, perSecond }] : []
    }),
  )
}

using node = ownNode()
const programs = { main: compiledMain(), node: node.path }
const results: Result[] = []
for (const transport of CHOSEN) {
  for (const kind of KINDS) {
    results.push(...(await measureObserver(kind, transport, programs)))
    // Each time: what was measured of one is not lost with the next.
    const measured = { quick: isQuick, messageBytes: MESSAGE_BYTES, goals: GOALS, results, highest: highestRates() }
    writeResults(NAME, measured)
  }
}

const title = `${MESSAGE_BYTES}-byte messages for ${SECONDS} s to an observer with 12 neighbours`
printTable(
  `${title}: what was passed on, and its CPU`,
  results.filter(({ passed }) => passed).map((result) => loadRow(result, results)),
)
printTable('Memory as PSS; of the sidecar metrics plane + swarm plane', results.map(memoryRow))
printTable(
  'Scrapes, two a second; lag of metrics plane + swarm plane',
  results.filter(({ scrapes }) => scrapes).map((result) => scrapeRow(result, results)),
)
if (!isSettling) {
  printTable(
    `Highest rate tried without loss, at 95 % of the rate at least, and with less than ${SUSTAINED_P99_MS} ms added at the 99th percentile of each`,
    highestRates().map(({ perSecond, ...of }) => ({ ...of, 'messages/s': figure(perSecond) })),
  )
}
