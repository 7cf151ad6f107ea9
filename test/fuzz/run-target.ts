import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { type AnyFuzzTarget, holdToLaw } from './target.ts'

const CORPUS = join(import.meta.dirname, 'corpus')

export interface FuzzResult {
  cases: number
  /** Of them, those of which something was to be had. */
  accepted: number
  seconds: number
  /** Absent when the law held: which input broke it, the smallest that was found, and how. */
  failure?: { input: string; why: string }
}

/** Holds a target against the law with so many random inputs, which the seed decides. */
export async function runTarget(target: AnyFuzzTarget, cases: number, seed: number): Promise<FuzzResult> {
  let accepted = 0
  const startedAt = performance.now()
  const law = fc.asyncProperty(target.inputs, async (input) => {
    if ((await holdToLaw(target, input)) === 'accepted') accepted++
  })
  const { failed, counterexample, errorInstance, numRuns } = await fc.check(law, { numRuns: cases, seed })
  const seconds = (performance.now() - startedAt) / 1000
  if (!failed) return { cases: numRuns, accepted, seconds }
  const why = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance)
  return { cases: numRuns, accepted, seconds, failure: { input: written(target, counterexample?.[0]), why } }
}

export interface CorpusEntry {
  /** Its path in the corpus, which says what it is. */
  path: string
  input: unknown
}

/** The inputs that are kept, each because some reader did not bear it, or might not. */
export function corpusOf(target: AnyFuzzTarget): CorpusEntry[] {
  const paths = globSync(`${target.name}/*.${target.form}`, { cwd: CORPUS }).toSorted()
  return paths.map((path) => ({ path, input: read(target, readFileSync(join(CORPUS, path), 'utf8')) }))
}

/** Of every target together. */
export function corpusFiles(): string[] {
  return globSync('*/*', { cwd: CORPUS })
}

function read({ form }: AnyFuzzTarget, text: string): unknown {
  if (form === 'hex') return Buffer.from(text.trim(), 'hex')
  return form === 'json' ? JSON.parse(text) : text
}

/** As a file of the corpus has it. */
function written({ form }: AnyFuzzTarget, input: unknown): string {
  if (form === 'hex') return Buffer.from(input as Uint8Array).toString('hex')
  return form === 'json' ? JSON.stringify(input) : String(input)
}
