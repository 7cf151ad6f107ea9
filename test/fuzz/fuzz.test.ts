import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { closeAnswers } from './answer-targets.ts'
import { LEFT_BEHIND } from './file-targets.ts'
import { corpusFiles, corpusOf, runTarget } from './run-target.ts'
import { holdToLaw } from './target.ts'
import { FUZZ_TARGETS } from './targets.ts'

/** Seconds; `npm run fuzz -- --long` is thorough. */
const CASES = 200

afterAll(async () => {
  for (const path of LEFT_BEHIND) rmSync(path, { force: true })
  await closeAnswers()
})

const kept = FUZZ_TARGETS.flatMap((target) => corpusOf(target).map((entry) => ({ target, ...entry })))

test.each(kept)('$path of the corpus breaks no law', async ({ target, input }) => {
  await holdToLaw(target, input)
})

test('every file of the corpus belongs to a target, in its form', () => {
  expect(kept.map(({ path }) => path).toSorted()).toEqual(corpusFiles().toSorted())
  expect(kept.length).toBeGreaterThan(10)
})

describe(`of ${CASES} random inputs`, () => {
  test.each(FUZZ_TARGETS.map((target) => ({ target, name: target.name })))(
    '$name takes some, refuses the others in words, and breaks no law',
    async ({ target }) => {
      const seed = randomInt(2 ** 31)
      const { accepted, failure } = await runTarget(target, CASES, seed)
      const again = `npm run fuzz -- --seed ${seed} --cases ${CASES} --target ${target.name}`
      expect(failure, again).toBeUndefined()
      expect(accepted, again).toBeGreaterThan(0)
      expect(accepted, again).toBeLessThan(CASES)
    },
  )
})
