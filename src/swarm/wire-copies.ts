import { hash, randomInt } from 'node:crypto'
import { createSlab } from './slab.ts'

/** The part of a gossip message that is used, as it came. */
export interface WireMessage {
  topic: string
  data?: Uint8Array
}

/** Names each message by what it is on the wire: copies have one name, and no two others have the same. */
export type NameOf = (message: WireMessage) => string

interface Kept {
  topic: string
  data: Uint8Array
  name: string
}

interface Generation {
  since: number
  bytes: number
  bySample: Map<number, Kept[]>
}

/** Copies come within the time that a message takes through the mesh. What comes later is recognised by its message id. */
const GENERATION_MS = 2000
const GENERATION_BYTES = 2 * 1024 * 1024
/** What there is to each beside its data, about. */
const ENTRY_BYTES = 256
/** Messages that look alike at a few places are compared in full: no more than these. */
const MAX_ALIKE = 4
const SAMPLED_BYTES = 8
/** More than a transport reads at a time. */
const LARGE_BYTES = 128 * 1024
const NO_DATA = new Uint8Array()

/**
 * Recognises copies by comparing them with what came a moment ago, which takes a fiftieth of the time of a hash. At most 4 MiB of
 * messages are kept, in 6 of slabs, and none for longer than 4 s in which others come, or 8 s in which none do; of more than 2 MiB a hash is taken.
 *
 * The data of a message are replaced by what is kept, which is a copy among others: as they come they are a part of all that was read from
 * the transport with them, which would stay in memory as a whole. Nothing else of them may be kept here: where they came may be written over
 * (`frame-rooms.ts`) as soon as the message has other data.
 *
 * @param nowMs a clock that does not go back
 */
export function createWireCopies(nowMs = () => performance.now()): NameOf {
  // Where to look is not known to who makes up messages.
  const places = Array.from({ length: SAMPLED_BYTES }, () => randomInt(2 ** 32) / 2 ** 32)
  let [young, old] = [newGeneration(nowMs()), newGeneration(0)]
  let names = 0
  const copyOf = createSlab()
  let rest: NodeJS.Timeout | undefined
  const makeRoom = (bytes: number) => {
    const now = nowMs()
    if (now - young.since >= GENERATION_MS || young.bytes + bytes > GENERATION_BYTES) {
      old = young
      young = newGeneration(now)
    }
    if (now - old.since >= 2 * GENERATION_MS) old = newGeneration(now)
  }
  // Where nothing comes any more, nothing else lets go of the last ones.
  const forgetAtRest = () => {
    rest ??= setTimeout(() => {
      rest = undefined
      makeRoom(0)
      if (young.bytes + old.bytes > 0) forgetAtRest()
    }, 2 * GENERATION_MS).unref()
  }
  return (message) => {
    const { topic, data = NO_DATA } = message
    if (data.length + ENTRY_BYTES > GENERATION_BYTES) return `${topic} ${hash('sha256', data, 'base64url')}`
    const sample = sampleOf(data, places)
    const known = find(young, sample, topic, data) ?? find(old, sample, topic, data)
    if (known) {
      if (message.data) message.data = known.data
      return known.name
    }
    const asItCame = isAlone(data)
    const kept = { topic, data: asItCame ? data : copyOf(data), name: String((names += 1)) }
    const bytes = (asItCame ? data.buffer.byteLength : data.length) + ENTRY_BYTES
    makeRoom(bytes)
    if (message.data) message.data = kept.data
    keep(young, sample, kept, bytes)
    forgetAtRest()
    return kept.name
  }
}

/** What is large came in several pieces, which were put together for it alone. */
function isAlone(data: Uint8Array): boolean {
  const bufferBytes = data.buffer.byteLength
  return data.length >= LARGE_BYTES && bufferBytes < 2 * data.length && bufferBytes + ENTRY_BYTES <= GENERATION_BYTES
}

function newGeneration(since: number): Generation {
  return { since, bytes: 0, bySample: new Map() }
}

function find({ bySample }: Generation, sample: number, topic: string, data: Uint8Array): Kept | undefined {
  return bySample.get(sample)?.find((kept) => kept.topic === topic && Buffer.compare(kept.data, data) === 0)
}

function keep(generation: Generation, sample: number, kept: Kept, bytes: number): void {
  generation.bytes += bytes
  const alike = generation.bySample.get(sample)
  if (!alike) generation.bySample.set(sample, [kept])
  else if (alike.push(kept) > MAX_ALIKE) alike.shift()
}

function sampleOf(data: Uint8Array, places: readonly number[]): number {
  let sample = data.length
  for (const place of places) sample = (Math.imul(sample, 31) + (data[Math.floor(place * data.length)] ?? 0)) | 0
  return sample
}
