/**
 * `npm run fuzz -- [--long] [--cases N] [--seed N] [--target NAME]`: holds every reader of what strangers write against
 * its law with random inputs. `--long` is a million cases over all targets.
 */
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { closeAnswers } from './answer-targets.ts'
import { LEFT_BEHIND } from './file-targets.ts'
import { corpusOf, runTarget } from './run-target.ts'
import { holdToLaw } from './target.ts'
import { FUZZ_TARGETS } from './targets.ts'

const SHORT_CASES = 20_000
const LONG_CASES = 1_000_000

const { values } = parseArgs({
  options: {
    long: { type: 'boolean' },
    cases: { type: 'string' },
    seed: { type: 'string' },
    target: { type: 'string' },
  },
})
const wholeNumber = (name: string, text: string): number => {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} is ${text}, and must be a whole number`)
  return Number(text)
}
const targets = FUZZ_TARGETS.filter(({ name }) => values.target === undefined || name === values.target)
if (targets.length === 0) {
  throw new Error(`there is no target ${values.target}; there are ${FUZZ_TARGETS.map(({ name }) => name).join(', ')}`)
}
const seed = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('seed', values.seed)
const cases = values.cases === undefined ? (values.long ? LONG_CASES : SHORT_CASES) : wholeNumber('cases', values.cases)
const weights = targets.reduce((sum, { weight }) => sum + weight, 0)

console.log(`seed ${seed}`)
let total = 0
for (const target of targets) {
  for (const { input } of corpusOf(target)) await holdToLaw(target, input)
  const share = Math.ceil((cases * target.weight) / weights)
  const { cases: ran, accepted, seconds, failure } = await runTarget(target, share, seed)
  total += ran
  const words = [target.name.padEnd(18), `${ran}`.padStart(8), 'cases', `${accepted}`.padStart(8), 'accepted']
  console.log([...words, seconds.toFixed(1).padStart(7), 's', ...(failure ? ['BROKEN'] : [])].join(' '))
  if (failure === undefined) continue
  process.exitCode = 1
  console.error(`${failure.why}\nthe input, as test/fuzz/corpus/${target.name}/<symptom>.${target.form} keeps it:`)
  console.error(`${failure.input}\nagain: npm run fuzz -- --seed ${seed} --cases ${share} --target ${target.name}`)
}
console.log(`${total} cases`)
for (const path of LEFT_BEHIND) rmSync(path, { force: true })
await closeAnswers()
// gossipsub's own timers do not end with it.
process.exit()
