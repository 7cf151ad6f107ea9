/**
 * What js libp2p's transports alone take of the CPU in the middle of a mesh, gossipsub and all decoding left out: bytes come
 * from three neighbours, and those of the first go to eleven, at the pace of a swarm. Once as js libp2p comes, and once as a swarm mends it: the
 * least that shows what the files `src/swarm/mend-*` for transports are for.
 */
import type { Flood } from './fan-out-neighbours-subject.ts'
import { isQuick } from './support/flags.ts'
import { writeResults } from './support/results.ts'
import { type Transport, TRANSPORTS } from './support/sidecar-options.ts'
import { AS_SWARM, startSubject } from './support/subject.ts'
import { figure, printTable } from './support/table.ts'
import type { ThreadCosts } from './support/thread-costs.ts'

const NEIGHBOURS = 12
const SENDERS = 3
const BYTES = 3300
const RATES = [100, 500, 1000]
const SECONDS = isQuick ? 5 : 20
const WARM_UP = { perSecond: 500, seconds: isQuick ? 5 : 10 }

interface Cost extends ThreadCosts {
  transport: Transport
  isMended: boolean
  perSecond: number
}

/** Each in a process of its own, with the V8 flags and the environment of a swarm: compilers are cold in each alike. */
async function measure(transport: Transport, isMended: boolean): Promise<Cost[]> {
  const args = [transport, String(isMended), String(NEIGHBOURS)]
  await using subject = await startSubject({ entry: 'fan-out-subject.ts', args, ...AS_SWARM })
  const flood = (load: Pick<Flood, 'perSecond' | 'seconds'>) =>
    subject.ask<ThreadCosts>({ senders: SENDERS, bytes: BYTES, ...load })
  await flood(WARM_UP)
  const costs: Cost[] = []
  for (const perSecond of RATES) {
    costs.push({ transport, isMended, perSecond, ...(await flood({ perSecond, seconds: SECONDS })) })
  }
  return costs
}

const costs: Cost[] = []
for (const transport of TRANSPORTS) {
  for (const isMended of [false, true]) costs.push(...(await measure(transport, isMended)))
}
printTable(
  `Bytes of a message of ${BYTES} from ${SENDERS} neighbours, and on to ${NEIGHBOURS - 1}: CPU us a message`,
  costs.map(({ transport, isMended, perSecond, mainUs, othersUs }) => ({
    transport,
    'js libp2p': isMended ? 'as mended' : 'as it comes',
    'messages/s': figure(perSecond),
    'main thread': figure(mainUs, 0),
    'other threads': figure(othersUs, 0),
    together: figure(mainUs + othersUs, 0),
  })),
)
writeResults('fan-out', { quick: isQuick, costs })
