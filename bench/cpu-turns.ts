/** CPU of the sidecar and of go-libp2p as observers of equal meshes, one right after the other: a ratio of each turn. */
import { compiledMain } from './support/compiled-package.ts'
import { measurePhase, type Work } from './support/footprint-phase.ts'
import { isQuick } from './support/flags.ts'
import { startNeighbourhood } from './support/neighbourhood.ts'
import { startObserver } from './support/observer.ts'
import { ownNode } from './support/own-node.ts'
import { writeResults } from './support/results.ts'
import { TOPICS, type Transport } from './support/sidecar-options.ts'
import { median } from './support/statistics.ts'
import { figure, printTable, verdict } from './support/table.ts'

const KINDS = ['sidecar', 'go'] as const
const TRANSPORTS = ['quic', 'tcp'] as const
const RATES = [100, 500, 1000]
const BYTES = 3200
const TURNS = isQuick ? 2 : 6
/** That of deploy/. A phase is shorter, and has one scrape. */
const SCRAPE_INTERVAL_MS = 15_000
const SECONDS = isQuick ? 5 : 13
/** In a phase that tells what one takes. */
const SCRAPES = 10
const WARM_UP = { bytes: BYTES, perSecond: 300, seconds: isQuick ? 5 : 10 }
const GOAL_TIMES_GO = 1.2
const [TOPIC = ''] = TOPICS

/** What one observer took in one turn. */
interface Turn {
  kind: (typeof KINDS)[number]
  transport: Transport
  perSecond: number
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

/** The one that is not measured has nothing to do meanwhile. */
async function takeTurn({ kind, hood, observer }: Subject, transport: Transport, turn: number): Promise<Turn[]> {
  const measure = async (work: Work, scrapeIntervalMs = SCRAPE_INTERVAL_MS) => {
    const { cpuSeconds, seconds, passed } = await measurePhase(hood, observer, work, scrapeIntervalMs)
    return { cpu: sum(cpuSeconds), seconds, passed }
  }
  const restFor = async (scrapeIntervalMs?: number) => {
    const { cpu, seconds } = await measure({ restSeconds: SECONDS }, scrapeIntervalMs)
    return cpu / seconds
  }
  const rest = await restFor()
  const scraped = observer.scraper ? await restFor((SECONDS * 1000) / SCRAPES) : Number.NaN
  const scrapeMs = ((scraped - rest) * SECONDS * 1000) / (SCRAPES - 1)
  const turns: Turn[] = []
  for (const perSecond of RATES) {
    const { cpu, seconds, passed } = await measure({ load: { bytes: BYTES, perSecond, seconds: SECONDS } })
    const { sent = Number.NaN, lost = Number.NaN } = passed ?? {}
    // What is waited for before and after a flood is no part of it.
    const withoutRest = ((cpu - rest * seconds) / sent) * 10_000
    const all = withoutRest + (rest / perSecond) * 10_000
    turns.push({ kind, transport, perSecond, turn, all, withoutRest, lost, restMs: rest * 1000, scrapeMs })
  }
  return turns
}

function row(transport: Transport, perSecond: number) {
  const of = (kind: Turn['kind']) =>
    turns.filter((each) => each.kind === kind && each.transport === transport && each.perSecond === perSecond)
  const [own, gos] = [of('sidecar'), of('go')]
  const times = (what: 'all' | 'withoutRest') => {
    const ratios = own.map((each, at) => each[what] / (gos[at]?.[what] ?? Number.NaN))
    const middle = median(ratios)
    const range = `${figure(Math.min(...ratios), 2)} to ${figure(Math.max(...ratios), 2)}`
    return `${figure(middle, 2)} ${verdict(middle, GOAL_TIMES_GO)} (${range})`
  }
  return {
    transport,
    load: `${perSecond}/s`,
    'CPU s/10,000': figure(median(own.map(({ all }) => all)), 2),
    "go's": figure(median(gos.map(({ all }) => all)), 2),
    'x Go, goal 1.2 (of each turn)': times('all'),
    'x Go, without rest': times('withoutRest'),
    'ms/s at rest': figure(median(own.map(({ restMs }) => restMs)), 1),
    "go's at rest": figure(median(gos.map(({ restMs }) => restMs)), 1),
    'ms a scrape': figure(median(own.map(({ scrapeMs }) => scrapeMs)), 1),
    lost: figure(sum(own.map(({ lost }) => lost))),
    'lost by Go': figure(sum(gos.map(({ lost }) => lost))),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

using node = ownNode()
const programs = { main: compiledMain(), node: node.path }
const turns: Turn[] = []
for (const transport of TRANSPORTS) {
  await using sidecar = await startSubject('sidecar', transport, programs)
  await using go = await startSubject('go', transport, programs)
  for (let turn = 0; turn < TURNS; turn++) {
    // Who is first in a turn is second in the next: what gets slower meanwhile does so for both.
    for (const subject of turn % 2 === 0 ? [sidecar, go] : [go, sidecar]) {
      const taken = await takeTurn(subject, transport, turn)
      console.error(taken.map((each) => JSON.stringify(each)).join('\n'))
      turns.push(...taken)
    }
  }
  writeResults('cpu-turns', { quick: isQuick, messageBytes: BYTES, goalTimesGo: GOAL_TIMES_GO, turns })
}
printTable(
  `${BYTES}-byte messages for ${SECONDS} s to an observer with 12 neighbours, ${TURNS} turns: medians`,
  TRANSPORTS.flatMap((transport) => RATES.map((perSecond) => row(transport, perSecond))),
)
