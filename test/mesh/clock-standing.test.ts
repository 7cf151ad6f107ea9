import { expect, test } from 'vitest'
import { clockSentence } from '../../src/mesh/clock-standing.ts'

test.each([
  [12.04, 'about 12 s: blocks and attestations seem to come that late'],
  [-0.25, 'about 0.3 s: blocks and attestations seem to come that early'],
  [-599, 'about 599 s: blocks and attestations seem to come that early'],
  [600, 'about 10 min: blocks and attestations seem to come that late'],
  [3 * 3600, 'about 180 min: blocks and attestations seem to come that late'],
  [36_000, 'about 10 h: blocks and attestations seem to come that late'],
  [-2_600_000, 'about 30 days: blocks and attestations seem to come that early'],
])('a clock that is off by %d s is said to be, in words', (offsetSeconds, words) => {
  const sentence = clockSentence({ state: 'suspect', offsetSeconds })
  expect(sentence).toContain(`this host's clock or the genesis time is off by ${words}`)
  expect(sentence).toContain('check the host')
})

test.each(['untimed', 'unjudged', 'good'] as const)('of a clock that is %s there is nothing to say', (state) => {
  expect(clockSentence({ state, offsetSeconds: 0.2 })).toBeUndefined()
})
