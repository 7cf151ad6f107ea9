import { expect, test } from 'vitest'
import { licencesDocument, licencesOf } from '../../tools/licences.ts'

const LIBRARY = { version: '1.0.0', license: 'MIT', optionalDependencies: { 'quic-win32-x64': '1.0.0' } }

test('a package has the licence of its entry, a platform package without one that of who asks for it', () => {
  const packages = { '': {}, 'node_modules/quic': LIBRARY, 'node_modules/quic-win32-x64': { version: '1.0.0' } }
  expect(licencesOf(packages).map(({ name, licence }) => [name, licence])).toEqual([
    ['quic', 'MIT'],
    ['quic-win32-x64', 'MIT'],
  ])
})

test('a licence that nobody allowed, or none, is an error that names the package', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0', license: 'AGPL-3.0-only' },
    'node_modules/b': { version: '2.0.0', dev: true },
    'node_modules/c': { version: '3.0.0', license: 'ISC' },
  }
  expect(() => licencesOf(packages)).toThrow(/a@1\.0\.0 \(AGPL-3\.0-only\), b@2\.0\.0 \(unknown\);/)
})

test('the document names what is needed to run, and counts what is not', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/x/node_modules/a': { version: '1.0.0', license: 'MIT', dev: true },
    'node_modules/b': { version: '2.0.0', license: 'ISC', dev: true },
  }
  const text = licencesDocument(packages)
  expect(text).toContain('**MIT** (1): `a` 1.0.0\n')
  expect(text).toContain('**ISC**: 1 packages\n')
})
