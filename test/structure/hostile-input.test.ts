import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { confinedArguments } from '../../src/lifecycle/confined-child.ts'
import { metricRow } from '../../src/metrics/catalogue.ts'

const ROOT = join(import.meta.dirname, '../..')
const text = readFileSync(join(ROOT, 'docs/hostile-input.md'), 'utf8')

test('docs/hostile-input.md names tests and counters that exist', () => {
  const tests = [...text.matchAll(/`(test\/[\w/-]+)`/g)].map(([, path = '']) => `${path}.test.ts`)
  expect(tests.length).toBeGreaterThan(10)
  expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  const metrics = [...text.matchAll(/`(lean(?:mesh)?_\w+)/g)].map(([, metric = '']) => metric)
  expect(metrics.length).toBeGreaterThan(10)
  expect(metrics.filter((metric) => metricRow(metric) === undefined)).toEqual([])
})

test('SECURITY.md names tests that exist, and what a swarm is allowed as it is', () => {
  const security = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  const tests = [...security.matchAll(/`(test\/[\w/-]+)`/g)].map(([, path = '']) => `${path}.test.ts`)
  expect(tests.length).toBeGreaterThan(10)
  expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  const allowed = confinedArguments(join(ROOT, 'src/swarm-main.ts')).filter((argument) =>
    argument.startsWith('--allow-'),
  )
  expect(new Set(allowed.map((argument) => argument.split('=')[0]))).toEqual(
    new Set(['--allow-addons', '--allow-fs-read']),
  )
})
