import { expect, test } from 'vitest'
import type { ClockStanding } from '../../src/mesh/clock-standing.ts'
import { createClockNews } from '../../src/networks/clock-news.ts'
import { snapshotOf } from '../support/network-states.ts'
import { recordingLog } from '../support/recording-log.ts'

function told(...standings: ClockStanding[]): string[] {
  const { lines, log } = recordingLog()
  const tell = createClockNews('0', log)
  for (const clock of standings) tell(snapshotOf({ messages: { lastAcceptedAtMs: {}, clock } }))
  return lines
}

test('the log says when the clock becomes suspect and when it fits again, once each', () => {
  const suspect = (offsetSeconds: number) => ({ state: 'suspect', offsetSeconds }) as const
  const good = { state: 'good', offsetSeconds: 0.3 } as const
  const lines = told({ state: 'unjudged' }, good, suspect(12), suspect(12.3), good, good, suspect(-5))
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^warn this host's clock or the genesis time is off by about 12 s: .* \{"network":"0"\}$/)
  expect(lines[1]).toMatch(/^info messages fit this host's clock again/)
  expect(lines[2]).toMatch(/^warn .* off by about 5.0 s/)
})

test('the log says once that there is no genesis time, and nothing of a clock that is good', () => {
  expect(told({ state: 'untimed' }, { state: 'untimed' })).toEqual([
    'info there is no genesis time, so no arrival is measured (genesis_time) {"network":"0"}',
  ])
  expect(told({ state: 'unjudged' }, { state: 'good', offsetSeconds: 0.3 })).toEqual([])
})
