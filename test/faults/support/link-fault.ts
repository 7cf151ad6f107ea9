/** What is wrong with a link. An empty one is a link that works. */
export interface LinkFault {
  /** Nothing passes, either way. */
  readonly isCut?: boolean
  /** Of datagrams the share that is lost; of a stream's pieces the share that comes as late as TCP repeats what was lost. */
  readonly loss?: number
  /** Each way, in milliseconds. */
  readonly delayMs?: number
  /** The share of datagrams that is overtaken by those of the next 40 ms. TCP hides it. */
  readonly reordering?: number
}

/** A way from the sidecar to one peer that can be broken. */
export interface Link extends AsyncDisposable {
  /** Where the sidecar dials: host and port of the link's own end. */
  readonly port: number
  /** Where the peer listens now. */
  upstreamPort: number
  fault: LinkFault
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
