import { expect, test, vi } from 'vitest'
import { NO_NAMES } from '../../src/mesh/names.ts'
import { createCompanionSince } from '../../src/networks/companion-since.ts'
import { Network } from '../../src/networks/network.ts'
import { fakeSwarms } from '../support/fake-swarms.ts'
import { BLOCK, companionOf, snapshotOf } from '../support/network-states.ts'
import { silentLog } from '../support/silent-log.ts'

const AWAY = companionOf('a', { isConnected: false })
const away = (takenAtMs: number) => snapshotOf({ takenAtMs, companion: AWAY })
const subscribed = (takenAtMs: number) => snapshotOf({ takenAtMs, companion: companionOf('a', { topics: [BLOCK] }) })

test('a state lasts from the snapshot that first showed it, and a new one begins anew', () => {
  const since = createCompanionSince()
  expect(since.standing()).toBeUndefined()
  for (const snapshot of [away(100), away(200), subscribed(300), subscribed(400)]) since.note(snapshot)
  expect(since.standing()).toEqual({ state: 'subscribed', sinceMs: 300 })
  since.note(away(500))
  expect(since.standing()).toEqual({ state: 'unreachable', sinceMs: 500 })
})

test('without a companion there is no state', () => {
  const since = createCompanionSince()
  since.note(snapshotOf())
  expect(since.standing()).toBeUndefined()
})

test('a network shows it while it runs, and a restart that finds it unchanged does not begin it anew', async () => {
  const swarms = fakeSwarms()
  const settings = { networkId: '0', topics: [BLOCK], backOff: { initialMs: 1, maxMs: 1 }, stableMs: 0 }
  const now = () => performance.now()
  const network = new Network(settings, { launch: swarms.launch, names: () => NO_NAMES, now, log: silentLog })
  await network.start()
  swarms.life().push(away(100))
  expect(network.state().companion).toEqual({ state: 'unreachable', sinceMs: 100 })
  swarms.life().end()
  await vi.waitFor(() => expect(swarms.lives).toHaveLength(2))
  expect(network.state(), 'while nobody looks').not.toHaveProperty('companion')
  swarms.life().push(away(5000))
  expect(network.state().companion).toEqual({ state: 'unreachable', sinceMs: 100 })
  swarms.life().push(subscribed(6000))
  expect(network.state().companion).toEqual({ state: 'subscribed', sinceMs: 6000 })
  await network.stop()
  expect(network.state()).not.toHaveProperty('companion')
})
