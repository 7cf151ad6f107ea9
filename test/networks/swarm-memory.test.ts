import { expect, onTestFinished, test, vi } from 'vitest'
import { createChildNetwork } from '../support/child-network.ts'

/** Has a swarm say that it is large in two snapshots of four, whatever it is. */
const SWELLS = `
const send = process.send.bind(process)
let told = 0
process.send = (message, ...rest) => {
  if (message.type === 'snapshot') message.snapshot.usage.residentBytes = told++ % 4 < 2 ? 2 ** 34 : 2 ** 20
  return send(message, ...rest)
}`

test('a swarm that is too large for moments only, and never silent for long, is not started again', async () => {
  vi.stubEnv('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(SWELLS)}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  await using child = createChildNetwork({}, 10)
  await child.network.start()
  await child.until('runs', ({ phase }) => phase === 'running')
  const seen = { large: 0, small: 0 }
  let lastAtMs = 0
  // One snapshot comes each second: in as many, six checks and more saw it large, though never five in a row.
  await child.until(
    'has been large often',
    ({ snapshot }) => {
      if (snapshot && snapshot.takenAtMs !== lastAtMs) {
        lastAtMs = snapshot.takenAtMs
        seen[snapshot.usage.residentBytes > 2 ** 30 ? 'large' : 'small'] += 1
      }
      return seen.large >= 7 || child.network.state().restarts.memory > 0
    },
    30_000,
  )
  expect(child.network.state().restarts).toEqual({ memory: 0, exit: 0, killed: 0, hung: 0, start_failed: 0 })
  expect(seen.small).toBeGreaterThan(3)
})
