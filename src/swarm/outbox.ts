import { createPace } from './send-pace.ts'

/** A flood of messages costs half the CPU if they are sent a few at a time. */
const PACE_MS = 40

/** How long what is to be decided about waits, in milliseconds: what neighbours say of a message in this time saves sending it to them. */
const GRACE_MS = 2

/** What waits to be decided about: more is decided and sent at once, but one message that waits alone. */
const UNDECIDED_BYTES = 64 * 1024

/** What a swarm has to send, until it is due. */
export interface Outbox {
  /** Has this called each time before anything is written: what it then finds to send is written with the rest. It must not throw. */
  beforeWriting(decide: () => void): void
  /** So many bytes more are to be decided about, in 2 ms. */
  decideLater(bytes: number): void
  /** Has this called at the end of the turn, once however often it was given. It must not throw. */
  writeLater(flush: () => void): void
  /** Decides and writes all that waits: nothing can be written later. */
  writeNow(): void
}

/** An outbox that is emptied by turns. */
export function createOutbox(): Outbox {
  const decisions: (() => void)[] = []
  const flushes = new Set<() => void>()
  let undecidedBytes = 0
  let isEmptying = false
  const empty = () => {
    undecidedBytes = 0
    isEmptying = true
    try {
      for (const decide of decisions) decide()
    } finally {
      isEmptying = false
    }
    const due = [...flushes]
    flushes.clear()
    for (const flush of due) flush()
  }
  const ask = createPace(PACE_MS, empty)
  return {
    beforeWriting: (decide) => void decisions.push(decide),
    decideLater(bytes) {
      const isAlone = undecidedBytes === 0
      undecidedBytes += bytes
      // A block has its grace, and waits for no pace.
      if (isAlone && bytes > UNDECIDED_BYTES) setTimeout(empty, GRACE_MS)
      else if (undecidedBytes > UNDECIDED_BYTES) empty()
      else ask(GRACE_MS)
    },
    writeLater(flush) {
      flushes.add(flush)
      if (!isEmptying) ask(0)
    },
    writeNow: empty,
  }
}
