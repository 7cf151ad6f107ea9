/**
 * Peers of sidecars in one process, for `growth.ts`. Some wait to be dialled, on addresses that are told when they listen; the others dial
 * the sidecars that are named afterwards.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { PeerTarget } from '../src/mesh/peer-target.ts'
import { Swarm } from '../src/swarm/swarm.ts'
import { LISTEN } from './support/sidecar-options.ts'

/** So many peers dial each of the sidecars, by turns its addresses. */
export interface Dialling {
  perSidecar: number
  sidecars: PeerTarget[]
}

const [listening = '0', topics = ''] = process.argv.slice(2)
/** The sidecar takes 64 new connections a second from one host. */
const STARTS_AT_ONCE = 20
const PAUSE_MS = 500

/** @returns its address with `/p2p/` */
async function start(peers: PeerTarget[]): Promise<string> {
  const options = {
    listen: [LISTEN.quic],
    topics: topics.split(','),
    peers,
    maxMessageBytes: 12 * 1024 * 1024,
    statusIntervalMs: 0,
    quic: { maxIdleTimeoutMs: 20_000, keepAliveIntervalMs: 5000 },
  }
  const usage = () => ({ cpuSeconds: 0, residentBytes: 0, eventLoopLagSeconds: 0 })
  const swarm = new Swarm(options, { agent: 'crowd', usage, onSnapshot: () => undefined })
  await swarm.start()
  return swarm.snapshot().listenAddresses[0] ?? ''
}

async function dialAll({ perSidecar, sidecars }: Dialling): Promise<void> {
  const targets = sidecars.flatMap(({ peerId, addresses }) =>
    Array.from({ length: perSidecar }, (_, at) => ({ peerId, addresses: [addresses[at % addresses.length] ?? ''] })),
  )
  for (let from = 0; from < targets.length; from += STARTS_AT_ONCE) {
    await Promise.all(targets.slice(from, from + STARTS_AT_ONCE).map(async (target) => start([target])))
    await delay(PAUSE_MS)
  }
}

process.on('disconnect', () => process.exit(0))
process.on('message', (dialling: Dialling) => {
  process.send?.({})
  void dialAll(dialling)
})
const addresses: string[] = []
while (addresses.length < Number(listening)) addresses.push(await start([]))
process.send?.({ url: addresses.join(' ') })
