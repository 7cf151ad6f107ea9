/**
 * Peers of sidecars in one process, for `growth.ts`: so many for each sidecar, on the topics that are named. They dial its
 * addresses, which are separated by commas, by turns.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Swarm } from '../src/swarm/swarm.ts'
import { LISTEN } from './support/sidecar-options.ts'

const [count = '0', topics = '', ...sidecars] = process.argv.slice(2)
/** The sidecar takes 64 new connections a second from one host. */
const STARTS_AT_ONCE = 20
const PAUSE_MS = 500

async function start(address: string, peerId: string): Promise<void> {
  const options = {
    listen: [LISTEN.quic],
    topics: topics.split(','),
    peers: [{ peerId, addresses: [address] }],
    maxMessageBytes: 12 * 1024 * 1024,
    statusIntervalMs: 0,
    quic: { maxIdleTimeoutMs: 20_000, keepAliveIntervalMs: 5000 },
  }
  const usage = () => ({ cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 })
  await new Swarm(options, { agent: 'crowd', usage, onSnapshot: () => undefined }).start()
}

const starts = sidecars.flatMap((sidecar) => {
  const [addresses = '', peerId = ''] = sidecar.split('/p2p/')
  const turns = addresses.split(',')
  return Array.from({ length: Number(count) }, (_, at) => ({ address: turns[at % turns.length] ?? '', peerId }))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ url: '' })
for (let from = 0; from < starts.length; from += STARTS_AT_ONCE) {
  await Promise.all(starts.slice(from, from + STARTS_AT_ONCE).map(({ address, peerId }) => start(address, peerId)))
  await delay(PAUSE_MS)
}
