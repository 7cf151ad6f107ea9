/** CPU of the sidecar and of go-libp2p as observers of equal meshes, one right after the other: a ratio of each turn. */
import { setTimeout as delay } from 'node:timers/promises'
import { compiledMain } from './support/compiled-package.ts'
import { measureCpu, type Work } from './support/footprint-phase.ts'
import { isQuick } from './support/flags.ts'
import { BLOCK, startNeighbourhood } from './support/neighbourhood.ts'
import { startObserver } from './support/observer.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { TOPICS, type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { median, sum } from './support/statistics.ts'
import { figure, printTable, verdict } from './support/table.ts'

const BYTES = 3200
const TURNS = isQuick ? 2 : 4
/** That of deploy/: one in a phase in which nothing is lost, two in one of blocks. */
const SCRAPE_INTERVAL_MS = 15_000
const SECONDS = isQuick ? 5 : 13
const LOADS = [
  ...[100, 500, 1000].map((perSecond) => ({ name: `${perSecond}/s`, bytes: BYTES, perSecond, seconds: SECONDS })),
  { ...BLOCK, seconds: isQuick ? 12 : 24 },
]
/** In a phase that tells what one takes. */
const SCRAPES = 10
/** V8 compiles for minutes: what is measured is meant for who runs it for days. */
const WARM_UP = { bytes: BYTES, perSecond: 300, seconds: isQuick ? 5 : 60 }
const GOAL_TIMES_GO = 1.2
const PAUSE_MS = 5000
const [TOPIC = ''] = TOPICS

/** What one observer took in one turn. */
interface Turn {
  kind: 'sidecar' | 'go'
  transport: Transport
  load: string
  /** The rate that came about. */
  sentPerSecond: number
  turn: number
  /** CPU seconds for 10,000 messages: all, and without what is taken at rest in as long a time. */
  all: number
  withoutRest: number
  lost: number
  /** CPU at rest, in milliseconds a second, and that of one scrape more. */
  restMs: number
  scrapeMs: number
}

type Subject = Awaited<ReturnType<typeof startSubject>>

interface Rest {
  rest: number
  scrape: number
}

async function startSubject(kind: Turn['kind'], transport: Transport, programs: { main: string; node: string }) {
  await using starting = new AsyncDisposableStack()
  const hood = starting.use(await startNeighbourhood(transport, TOPIC))
  const options = { transport, topic: TOPIC, peers: hood.addresses, ...programs }
  const observer = starting.use(await startObserver(kind, options))
  await hood.meshed()
  await hood.flood(WARM_UP)
  const running = starting.move()
  return { kind, hood, observer, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

async function measure({ hood, observer }: Subject, work: Work, scrapeIntervalMs = SCRAPE_INTERVAL_MS) {
  const { cpuSeconds, seconds, passed } = await measureCpu(hood, observer, work, scrapeIntervalMs)
  return { cpu: sum(cpuSeconds), seconds, passed }
}

/** CPU seconds a second, and CPU seconds of one scrape more. */
async function measureRest(subject: Subject): Promise<Rest> {
  const perSecond = async (scrapeIntervalMs?: number) => {
    const { cpu, seconds } = await measure(subject, { restSeconds: SECONDS }, scrapeIntervalMs)
    return cpu / seconds
  }
  const rest = await perSecond()
  const scraped = subject.observer.scraper ? await perSecond((SECONDS * 1000) / (SCRAPES - 0.5)) : Number.NaN
  return { rest, scrape: ((scraped - rest) * SECONDS) / (SCRAPES - 1) }
}

async function measureFlood(subject: Subject, { rest, scrape }: Rest, load: (typeof LOADS)[number]) {
  const { cpu, seconds, passed } = await measure(subject, { load })
  const { sent = Number.NaN, lost = Number.NaN, perSecond: sentPerSecond = Number.NaN } = passed ?? {}
  // What is waited for before and after a flood is no part of it.
  const withoutRest = ((cpu - rest * seconds) / sent) * 10_000
  const all = withoutRest + (rest / sentPerSecond) * 10_000
  return {
    kind: subject.kind,
    load: load.name,
    sentPerSecond,
    all,
    withoutRest,
    lost,
    restMs: rest * 1000,
    scrapeMs: scrape * 1000,
  }
}

/** The one that is not measured has nothing to do meanwhile. */
async function takeTurn(subjects: readonly Subject[]) {
  // What the last flood leaves to be done is no rest.
  await delay(PAUSE_MS)
  const rests = new Map<Subject, Rest>()
  for (const subject of subjects) rests.set(subject, await measureRest(subject))
  const taken: Awaited<ReturnType<typeof measureFlood>>[] = []
  for (const load of LOADS) {
    for (const [subject, rest] of rests) taken.push(await measureFlood(subject, rest, load))
  }
  return taken
}

function row(transport: Transport, load: string) {
  const of = (kind: Turn['kind']) =>
    turns.filter((each) => each.kind === kind && each.transport === transport && each.load === load)
  const [own, gos] = [of('sidecar'), of('go')]
  const times = (what: 'all' | 'withoutRest') => {
    const ratios = own.map((each, at) => each[what] / (gos[at]?.[what] ?? Number.NaN))
    const middle = median(ratios)
    const range = `${figure(Math.min(...ratios), 2)} to ${figure(Math.max(...ratios), 2)}`
    return `${figure(middle, 2)} ${verdict(middle, GOAL_TIMES_GO)} (${range})`
  }
  return {
    transport,
    load,
    'CPU s/10,000': figure(median(own.map(({ all }) => all)), 2),
    "go's": figure(median(gos.map(({ all }) => all)), 2),
    'x Go, goal 1.2 (of each turn)': times('all'),
    'x Go, without rest': times('withoutRest'),
    'least sent/s': figure(Math.min(...[...own, ...gos].map(({ sentPerSecond }) => sentPerSecond)), 2),
    'ms/s at rest': figure(median(own.map(({ restMs }) => restMs))),
    "go's at rest": figure(median(gos.map(({ restMs }) => restMs))),
    'ms a scrape': figure(median(own.map(({ scrapeMs }) => scrapeMs))),
    lost: figure(sum(own.map(({ lost }) => lost))),
    'lost by Go': figure(sum(gos.map(({ lost }) => lost))),
  }
}

using node = ownNode()
const programs = { main: compiledMain(), node: node.path }
const turns: Turn[] = []
for (const transport of TRANSPORTS) {
  await using sidecar = await startSubject('sidecar', transport, programs)
  await using go = await startSubject('go', transport, programs)
  for (let turn = 0; turn < TURNS; turn++) {
    // Who is first in a turn is second in the next: what gets slower meanwhile does so for both.
    const taken = await takeTurn(turn % 2 === 0 ? [sidecar, go] : [go, sidecar])
    for (const each of taken) {
      console.error(JSON.stringify(each))
      turns.push({ ...each, transport, turn })
    }
  }
  writeResults('cpu-turns', { quick: isQuick, loads: LOADS, goalTimesGo: GOAL_TIMES_GO, turns })
}
printTable(
  `${BYTES}-byte messages for ${SECONDS} s, and blocks, to an observer with 12 neighbours, ${TURNS} turns: medians`,
  TRANSPORTS.flatMap((transport) => LOADS.map(({ name }) => row(transport, name))),
)
