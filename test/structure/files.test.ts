import { expect, test } from 'vitest'
import { sourceFiles } from './source-files.ts'

const MAX_LINES = 250
const files = sourceFiles()

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const tooLong = files.filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES)
  expect(tooLong.map(({ path }) => path)).toEqual([])
})

test('a file is named for the one thing in it, in kebab case, at most one folder deep', () => {
  const kebab = /^([a-z0-9-]+\/)?[a-z0-9]+(-[a-z0-9]+)*\.ts$/
  const vague = /\b(utils?|helpers?|common|manager|base|misc)\b/
  expect(files.map(({ path }) => path).filter((path) => !kebab.test(path) || vague.test(path))).toEqual([])
})

test('index.ts only re-exports', () => {
  const index = files.find(({ path }) => path === 'index.ts')?.text ?? ''
  const rest = index.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '').replaceAll(/export (type )?\{[^}]*\} from '[^']+'/g, '')
  expect(index).toContain('export')
  expect(rest.trim()).toBe('')
})
