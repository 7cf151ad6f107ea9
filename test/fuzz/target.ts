import type fc from 'fast-check'
import { LeanmeshError } from '../../src/errors.ts'

/** One reader of what strangers write. */
export interface FuzzTarget<Input> {
  name: string
  inputs: fc.Arbitrary<Input>
  /** How the corpus keeps an input: as it is, as hex, or as JSON. */
  form: 'text' | 'hex' | 'json'
  /** Its share of the cases, beside the other targets' weights: what verifies signatures takes a hundred times as long as what reads bytes. */
  weight: number
  /** Whatever a refusal must say, so that the reader finds what is wrong. */
  names: RegExp
  /** Reads one input, and asserts that what comes out is right: false where nothing was to be had of it. */
  read(input: Input): boolean | Promise<boolean>
}

/** A target whose inputs are nobody else's business. */
export type AnyFuzzTarget = FuzzTarget<any>

export function fuzzTarget<Input>(target: FuzzTarget<Input>): FuzzTarget<Input> {
  return target
}

/** Of the processor, which a busy machine does not change; collecting garbage may fall into any case, so not three times. */
const MAX_CASE_CPU_MS = 250
/** For those that wait for somebody. */
const MAX_CASE_MS = 8_000
const MAX_SENTENCE_LENGTH = 1_500
const INVISIBLE = /[\p{Cc}\p{Cf}]/u

/**
 * Holds one input against the law of all readers: it gives a right value, or throws a LeanmeshError that names what is
 * wrong; nothing else, and in bounded time.
 *
 * @throws Error when it is broken
 */
export async function holdToLaw<Input>(target: FuzzTarget<Input>, input: Input): Promise<'accepted' | 'refused'> {
  for (let attempt = 1; ; attempt++) {
    const startedAt = performance.now()
    const cpuAtStart = process.cpuUsage()
    const result = await outcome(target, input)
    const { user, system } = process.cpuUsage(cpuAtStart)
    const cpuMs = (user + system) / 1000
    const ms = performance.now() - startedAt
    if (ms > MAX_CASE_MS) throw new Error(`it took ${ms.toFixed(0)} ms, and at most ${MAX_CASE_MS} are allowed`)
    if (cpuMs <= MAX_CASE_CPU_MS) return result
    if (attempt === 3)
      throw new Error(`it took ${cpuMs.toFixed(0)} ms of CPU, and at most ${MAX_CASE_CPU_MS} are allowed`)
  }
}

async function outcome<Input>(target: FuzzTarget<Input>, input: Input): Promise<'accepted' | 'refused'> {
  try {
    return (await target.read(input)) ? 'accepted' : 'refused'
  } catch (error) {
    if (!(error instanceof LeanmeshError)) throw error
    for (const sentence of sentencesOf(error)) judgeSentence(sentence, target.names)
    return 'refused'
  }
}

/** A file's error has one for each mistake. */
function sentencesOf(error: LeanmeshError): readonly string[] {
  const { problems } = error as { problems?: readonly string[] }
  return problems ?? [error.message]
}

export function judgeSentence(sentence: string, names: RegExp): void {
  if (INVISIBLE.test(sentence)) throw new Error(`it shows something invisible: ${JSON.stringify(sentence)}`)
  if (sentence.length > MAX_SENTENCE_LENGTH) throw new Error(`it says too much: ${sentence}`)
  if (!names.test(sentence)) throw new Error(`it does not say what is wrong: ${sentence}`)
}
