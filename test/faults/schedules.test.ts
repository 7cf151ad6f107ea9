/**
 * Faults at random, several at a time, one schedule after the other at the same sidecar. FAULT_SCHEDULES says how many
 * (10 by default), FAULT_SEED which is the first: a schedule that failed is run again by its seed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, test } from 'vitest'
import { report, untilReturned } from './support/fault.ts'
import { seededRandom } from './support/link-fault.ts'
import { RANDOM_FAULTS, type RandomFault } from './support/random-faults.ts'
import { Stand, type StandHoldings } from './support/stand.ts'

const COUNT = Number(process.env['FAULT_SCHEDULES'] ?? 10)
const FIRST_SEED = Number(process.env['FAULT_SEED'] ?? 1)
/** The longest back-off of a swarm and that of a dial, one after the other, and their jitter. */
const RIGHT_WITHIN_MS = 75_000
const TEST_TIMEOUT_MS = 180_000
const MOST_FAULTS = 4
const LATEST_START_MS = 3000

interface Planned {
  fault: RandomFault
  startsAfterMs: number
  lastsMs: number
}

/** Between two and four different faults, which may overlap. */
function scheduleOf(random: () => number): Planned[] {
  const left = [...RANDOM_FAULTS]
  const count = 2 + Math.floor(random() * (MOST_FAULTS - 1))
  return Array.from({ length: count }, () => {
    const [fault] = left.splice(Math.floor(random() * left.length), 1)
    if (!fault) throw new Error('there are fewer faults than a schedule has')
    return { fault, startsAfterMs: random() * LATEST_START_MS, lastsMs: 500 + random() * 3500 }
  })
}

const seeds = Array.from({ length: COUNT }, (_, index) => FIRST_SEED + index)
const schedules = seeds.map((seed) => {
  const random = seededRandom(seed)
  const planned = scheduleOf(random)
  return { seed, random, planned, names: planned.map(({ fault }) => fault.name).join(' + ') }
})

describe('schedules of random faults', () => {
  let shared: { stand: Stand; before: StandHoldings } | undefined
  const recoveriesMs: number[] = []
  let answers = 0
  let refusals = 0

  async function theStand(): Promise<{ stand: Stand; before: StandHoldings }> {
    const stand = await Stand.start({ seed: FIRST_SEED })
    shared = { stand, before: await stand.holdings() }
    return shared
  }

  /** After a failure the next schedule has a fresh one. */
  async function giveUp(): Promise<void> {
    const { stand } = shared ?? {}
    shared = undefined
    await stand?.[Symbol.asyncDispose]()
  }

  test.each(schedules)(
    'seed $seed: $names',
    async ({ random, planned }) => {
      const { stand, before } = shared ?? (await theStand())
      try {
        const inflicted = planned.map(async ({ fault, startsAfterMs, lastsMs }) => {
          await delay(startsAfterMs)
          await fault.inflict(stand, random, lastsMs)
        })
        await Promise.all(inflicted)
        recoveriesMs.push(await stand.untilRight(RIGHT_WITHIN_MS))
        await untilReturned(stand, before)
        const heard = await stand.witness.hear()
        answers += heard.answers
        refusals += heard.refusals
      } catch (error) {
        await giveUp()
        throw error
      }
    },
    TEST_TIMEOUT_MS,
  )

  afterAll(async () => {
    const sorted = recoveriesMs.toSorted((a, b) => a - b)
    const seconds = (share: number) => ((sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN) / 1000).toFixed(1)
    const right = `${sorted.length} of ${COUNT} right again`
    const recovery = `median ${seconds(0.5)} s, 95 % within ${seconds(0.95)} s, at most ${seconds(1)} s of ${RIGHT_WITHIN_MS / 1000} s`
    const end = shared && (await shared.stand.holdings())
    const held =
      shared && end
        ? `${shared.before.memoryMiB.toFixed(0)} → ${end.memoryMiB.toFixed(0)} MiB, ${shared.before.handles} → ${end.handles} handles`
        : ''
    report([`schedules from seed ${FIRST_SEED}`, right, recovery, `${answers} scrapes, ${refusals} × 503`, held])
    await giveUp()
  })
})
