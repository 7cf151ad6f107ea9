import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NO_NAMES } from '../../src/mesh/names.ts'
import type { Total } from '../../src/mesh/totals.ts'
import { Network } from '../../src/networks/network.ts'
import { fakeSwarms } from '../support/fake-swarms.ts'
import { silentLog } from '../support/silent-log.ts'

const SERIES = ['accepted', 'undecodable', 'oversized']
const SETTINGS = { networkId: '0', topics: [], backOff: { initialMs: 0, maxMs: 0 }, stableMs: 30_000 }

const totalsOf = (values: number[]) =>
  values.map((value, index): Total => ({ metric: 'messages', labels: { result: SERIES[index] ?? '' }, value }))

type Step = { kind: 'count'; added: number[] } | { kind: 'crash' } | { kind: 'restart' } | { kind: 'stale' }

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('count' as const), added: fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }) }),
    fc.constantFrom<Step>({ kind: 'crash' }, { kind: 'restart' }, { kind: 'stale' }),
  ),
  { maxLength: 12 },
)

it('no counter ever goes back or loses what was told, however often the swarm ends, stops and starts', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const swarms = fakeSwarms()
      const network = new Network(SETTINGS, {
        launch: swarms.launch,
        names: () => NO_NAMES,
        now: () => 0,
        log: silentLog,
      })
      await network.start()
      const expected = [0, 0, 0]
      let own = [0, 0, 0]
      const read = () => SERIES.map((_, index) => network.state().totals[index]?.value ?? 0)
      const nextLife = async (count: number) => {
        while (swarms.lives.length === count) await new Promise(setImmediate)
        own = [0, 0, 0]
      }
      for (const step of steps) {
        const { length } = swarms.lives
        if (step.kind === 'count') {
          for (const [index, added] of step.added.entries()) {
            own[index] = (own[index] ?? 0) + added
            expected[index] = (expected[index] ?? 0) + added
          }
          swarms.life().push({ totals: totalsOf(own) })
        } else if (step.kind === 'crash') {
          swarms.life().end()
          await nextLife(length)
        } else if (step.kind === 'restart') {
          await network.stop()
          expect(read()).toEqual(expected)
          await network.start()
          await nextLife(length)
        } else swarms.lives[length - 2]?.push({ totals: totalsOf([1000, 1000, 1000]) })
        expect(read()).toEqual(expected)
      }
      await network.stop()
      expect(read()).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
