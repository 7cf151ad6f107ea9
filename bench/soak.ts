/**
 * A sidecar process for a long time, with peers that come and go and four scrapes a second: what it holds at the end more than at the
 * beginning. `npm run bench:soak -- MINUTES`, 30 by default.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../test/faults/support/link-fault.ts'
import { BLOCK } from '../test/faults/support/member.ts'
import { Stand } from '../test/faults/support/stand.ts'
import { writeResults } from './support/results.ts'
import { figure, printTable } from './support/table.ts'

const MINUTES = Number(process.argv[2] ?? 30)
const MINUTE_MS = 60_000
const CHURN_MS = 6000
const AWAY_MS = 2000
const RIGHT_WITHIN_MS = 60_000
/** The first minutes warm up: drift is counted from here. */
const WARM_MINUTES = Math.min(3, Math.floor(MINUTES / 3))

interface Reading {
  minute: number
  memoryMiB: number
  handles: number
  threads: number
  timers: number
  series: number
  churns: number
  scrapes: number
}

if (!(MINUTES >= 1)) throw new Error(`${process.argv[2]} is no number of minutes: npm run bench:soak -- 30`)
await using stand = await Stand.start()
const random = seededRandom(1)
const readings: Reading[] = []
let [churns, scrapes] = [0, 0]

/** One peer goes and comes back, and messages pass: what a network does all day. */
async function churn(): Promise<void> {
  const member = stand.members[Math.floor(random() * stand.members.length)]
  if (!member) throw new Error('a stand without members')
  await stand.kill([member])
  await delay(AWAY_MS)
  await stand.comeBack([member])
  const [publisher] = stand.members
  await publisher?.peer.flood({ topic: BLOCK, bytes: 3200, perSecond: 20, seconds: 2 })
  churns += 1
}

async function read(minute: number): Promise<void> {
  await stand.untilRight(RIGHT_WITHIN_MS)
  const { memoryMiB, handles, threads, timers } = await stand.holdings()
  const { series } = await stand.scrape()
  // It throws when a scrape was not answered, or not with the truth.
  scrapes += (await stand.witness.hear()).answers
  readings.push({ minute, memoryMiB, handles, threads, timers, series, churns, scrapes })
}

await read(0)
const startedAt = performance.now()
for (let minute = 1; minute <= MINUTES; minute++) {
  while (performance.now() - startedAt < minute * MINUTE_MS) {
    await churn()
    await delay(CHURN_MS - AWAY_MS - 2000)
  }
  await read(minute)
}

const row = ({ minute, memoryMiB, handles, threads, timers, series, churns: churned, scrapes: scraped }: Reading) => ({
  minute: figure(minute),
  'memory MiB': figure(memoryMiB, 1),
  handles: figure(handles),
  threads: figure(threads),
  timers: figure(timers),
  series: figure(series),
  'peers that went and came': figure(churned),
  'scrapes, all true': figure(scraped),
})
const every = Math.max(1, Math.round(MINUTES / 10))
printTable(
  'both processes together, garbage collected; memory is heap and stacks',
  readings.filter(({ minute }) => minute % every === 0 || minute === MINUTES).map(row),
)
const [first, last] = [readings[WARM_MINUTES], readings.at(-1)]
if (first && last) {
  const hours = (last.minute - first.minute) / 60
  const drift = (what: keyof Reading, decimals = 0) => `${figure(last[what] - first[what], decimals)} ${what}`
  const perHour = figure((last.memoryMiB - first.memoryMiB) / hours, 1)
  console.log(`\ndrift from minute ${first.minute} to ${last.minute}: ${drift('memoryMiB', 1)} (${perHour} an hour), `)
  console.log(`${drift('handles')}, ${drift('threads')}, ${drift('timers')}, ${drift('series')}`)
}
writeResults('soak', { minutes: MINUTES, readings })
