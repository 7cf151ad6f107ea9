import { expect, test } from 'vitest'
import { prepare } from '../../src/cli/prepare.ts'
import { load, problemTexts } from '../support/settings.ts'

test.each([
  ['every 8 slots by default', undefined, 32_000],
  ['as often as the setting says', '2', 8000],
  ['never when the setting is 0', '0', 0],
])('named peers are asked for their heads %s', async (_, slots, statusIntervalMs) => {
  const loaded = await load({ flags: slots === undefined ? {} : { status_interval_slots: [slots] } })
  const { options } = await prepare(loaded, { isTerminal: false })
  expect(options.networks[0]?.swarm).toMatchObject({ statusIntervalMs })
})

test('an interval that is too long is a problem that says where it was set and what is right', async () => {
  const loaded = await load({ env: { LEANMESH_STATUS_INTERVAL_SLOTS: '1001' } })
  expect(problemTexts(loaded)).toEqual([
    expect.stringMatching(/status_interval_slots.*LEANMESH_STATUS_INTERVAL_SLOTS/s),
  ])
  expect(problemTexts(loaded)[0]).toContain('from 0 to 1000')
})
