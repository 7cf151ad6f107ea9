import type fc from 'fast-check'
import { LeanmeshError } from '../../src/errors.ts'

/** One reader of what strangers write. */
export interface FuzzTarget<Input> {
  name: string
  inputs: fc.Arbitrary<Input>
  /** How the corpus keeps an input: as it is, as hex, or as JSON. */
  form: 'text' | 'hex' | 'json'
  /** Of the long run's cases, beside the other targets' weights. */
  weight: number
  /** Whatever a refusal must say, so that the reader finds what is wrong. */
  names: RegExp
  /** Reads one input, and asserts that what comes out is right: false where nothing was to be had of it. */
  read(input: Input): boolean | Promise<boolean>
}

/** A target whose inputs are nobody else's business. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyFuzzTarget = FuzzTarget<any>

export function fuzzTarget<Input>(target: FuzzTarget<Input>): FuzzTarget<Input> {
  return target
}

/** Longer on one case, three times in a row, is a defect: on a busy machine one time says nothing. */
const MAX_CASE_MS = 250
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
    const result = await outcome(target, input)
    const ms = performance.now() - startedAt
    if (ms <= MAX_CASE_MS) return result
    if (attempt === 3) throw new Error(`it took ${ms.toFixed(0)} ms, and at most ${MAX_CASE_MS} are allowed`)
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
