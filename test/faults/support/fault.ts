import { expect, test } from 'vitest'
import { until } from './sidecar-process.ts'
import { Stand, type StandHoldings, type StandOptions } from './stand.ts'

export interface Fault {
  readonly name: string
  /** What has to hold while it lasts and after it, in words for the table of docs/faults.md. */
  readonly expectation: string
  /** From the end of `inflict` until the mesh is right, seen from both sides. */
  readonly rightWithinMs: number
  readonly stand?: StandOptions
  /** How much more it may hold afterwards. */
  readonly spareMemoryMiB?: number
  /** Breaks something, looks at what follows, and mends what does not mend itself. */
  inflict(stand: Stand): Promise<void>
}

const TEST_TIMEOUT_MS = 180_000
const RETURNED_WITHIN_MS = 15_000
/** A few sockets are on their way at any moment. */
const SPARE_HANDLES = 10
/** What warms up in the first minute of two processes; what leaks slowly is for the schedules and the soak. */
const SPARE_MEMORY_MIB = 32

/**
 * A test of one fault: `/metrics` is answered all through, with the truth or with an explicit 503; the mesh is right again
 * within the stated time; memory and handles are back where they were.
 */
export function fault(injury: Fault): void {
  const { name, expectation, rightWithinMs, stand: options, spareMemoryMiB, inflict } = injury
  test(
    `${name}: ${expectation}`,
    async () => {
      await using stand = await Stand.start(options)
      const before = await stand.holdings()
      await inflict(stand)
      const rightAfterMs = await stand.untilRight(rightWithinMs)
      const after = await untilReturned(stand, before, spareMemoryMiB)
      const { answers, refusals, slowestMs } = await stand.witness.hear()
      expect(answers).toBeGreaterThan(0)
      const figures = [`${(rightAfterMs / 1000).toFixed(1)} s of ${rightWithinMs / 1000} s`]
      figures.push(`${answers} scrapes, ${refusals} × 503, slowest ${slowestMs.toFixed(0)} ms`)
      report([name, expectation, ...figures, `${describe(before)} → ${describe(after)}`])
    },
    TEST_TIMEOUT_MS,
  )
}

/** A row of the table in docs/faults.md. */
export function report(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

/** Waits until a stand holds what it held before; collected garbage takes its time. */
export async function untilReturned(
  stand: Stand,
  before: StandHoldings,
  spareMemoryMiB = SPARE_MEMORY_MIB,
): Promise<StandHoldings> {
  let now = before
  const look = async () => {
    now = await stand.holdings()
    const hasReturned =
      now.swarms === before.swarms &&
      now.handles <= before.handles + SPARE_HANDLES &&
      now.threads <= before.threads + SPARE_HANDLES &&
      now.memoryMiB <= before.memoryMiB + spareMemoryMiB
    return hasReturned ? now : undefined
  }
  return await until('a return to what it held', look, RETURNED_WITHIN_MS).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${describe(before)}, now ${describe(now)}`)
  })
}

function describe({ memoryMiB, handles, threads }: StandHoldings): string {
  return `${memoryMiB.toFixed(0)} MiB, ${handles} handles, ${threads} threads`
}
