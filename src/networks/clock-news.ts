import type { Logger } from '../log.ts'
import { clockSentence, type ClockStanding } from '../mesh/clock-standing.ts'
import type { Snapshot } from '../mesh/snapshot.ts'

/** Tells in the log what messages say of this host's clock: each change once. */
export function createClockNews(networkId: string, log: Logger): (snapshot: Snapshot) => void {
  const fields = { network: networkId }
  let before: ClockStanding['state'] | undefined
  return ({ messages: { clock } }) => {
    const { state } = clock
    if (state === before) return
    const sentence = clockSentence(clock)
    if (sentence !== undefined) log.warn(fields, sentence)
    if (before === 'suspect') log.info(fields, "messages fit this host's clock again: arrivals are measured")
    if (state === 'untimed') log.info(fields, 'there is no genesis time, so no arrival is measured (genesis_time)')
    before = state
  }
}
