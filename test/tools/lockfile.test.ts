import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { trustProblems, UNHASHED_ENTRIES } from '../../tools/lockfile-trust.ts'
import { platformOf } from '../../tools/platform-package.ts'

const LOCKFILE = join(import.meta.dirname, '../../package-lock.json')
const TOOL = join(import.meta.dirname, '../../tools/lockfile.ts')

/** Checks a lockfile with these entries, beside a package.json that wants `quic` 1.0.0. */
function check(entries: Record<string, object>): { status: number | null; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'leanmesh-lockfile-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const dependencies = { quic: '1.0.0' }
  const packages = { '': { dependencies }, ...entries }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies }))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))
  return spawnSync(process.execPath, [TOOL, '--check'], { cwd: folder, encoding: 'utf8' })
}

const QUIC = {
  version: '1.0.0',
  optionalDependencies: { 'quic-linux-x64-musl': '1.0.0', 'quic-win32-x64-msvc': '1.0.0' },
}
const PLATFORM = { version: '1.0.0', optional: true }

describe('the check of the lockfile', () => {
  test('passes when every platform package has an entry', () => {
    const nested = { 'node_modules/quic/node_modules/quic-linux-x64-musl': PLATFORM }
    const entries = { 'node_modules/quic': QUIC, ...nested, 'node_modules/quic-win32-x64-msvc': PLATFORM }
    expect(check(entries).stderr).not.toContain('has no entry')
  })

  test('names the platform packages that have none, or one of another version', () => {
    const { status, stderr } = check({
      'node_modules/quic': QUIC,
      'node_modules/quic-win32-x64-msvc': { ...PLATFORM, version: '0.9.0' },
    })
    expect(status).toBe(1)
    expect(stderr).toContain('quic-linux-x64-musl@1.0.0 (wanted by node_modules/quic) has no entry')
    expect(stderr).toContain('quic-win32-x64-msvc@1.0.0 (wanted by node_modules/quic) has no entry')
  })

  test('refuses the address of a registry', () => {
    const resolved = 'https://registry.example/quic-1.0.0.tgz'
    expect(check({ 'node_modules/quic': { version: '1.0.0', resolved } }).stderr).toContain(resolved)
  })
})

describe('what may be installed', () => {
  const hashed = { version: '1.0.0', integrity: 'sha512-a' }
  const unhashed = { version: '1.0.0', optional: true, os: ['win32'] }
  const trust = (entries: Record<string, object>, approved = {}) =>
    trustProblems(entries, approved, ['node_modules/quic-win32'])

  test('has a hash, but for the platform packages that are listed', () => {
    expect(trust({ '': {}, 'node_modules/a': hashed, 'node_modules/quic-win32': unhashed })).toEqual([])
    const problems = trust({
      'node_modules/a': { version: '1.0.0' },
      'node_modules/quic-darwin': unhashed,
      'node_modules/quic-win32': {},
    })
    expect(problems).toEqual([
      expect.stringMatching(/^node_modules\/a has no integrity/),
      expect.stringMatching(/^node_modules\/quic-darwin has no integrity/),
      expect.stringMatching(/^node_modules\/quic-win32 has no integrity/),
    ])
  })

  test('is taken off that list when it has its hash, or is there no more', () => {
    expect(trust({ 'node_modules/quic-win32': { ...unhashed, ...hashed } })).toEqual([
      expect.stringContaining('take it off'),
    ])
    expect(trust({})).toEqual([expect.stringContaining('take it off')])
  })

  test('runs a script only where package.json approves it', () => {
    const entries = {
      'node_modules/quic-win32': unhashed,
      'node_modules/a/node_modules/@b/c': { ...hashed, hasInstallScript: true },
    }
    expect(trust(entries)).toEqual([expect.stringContaining('put "@b/c" into allowScripts')])
    expect(trust(entries, { '@b/c': true })).toEqual([])
  })

  test('of this project is 42 packages without a hash, 6 of which it runs with on other platforms than linux-x64-gnu', () => {
    const { packages } = JSON.parse(readFileSync(LOCKFILE, 'utf8')) as { packages: Record<string, { dev?: boolean }> }
    expect(UNHASHED_ENTRIES).toHaveLength(42)
    const run = UNHASHED_ENTRIES.filter((key) => packages[key]?.dev !== true)
    expect(run.map((key) => key.replace('node_modules/@chainsafe/libp2p-quic-', ''))).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64-gnu',
      'linux-arm64-musl',
      'linux-x64-musl',
      'win32-x64-msvc',
    ])
  })
})

test.each([
  ['@chainsafe/libp2p-quic-linux-x64-musl', { os: 'linux', cpu: 'x64', libc: 'musl' }],
  ['@chainsafe/libp2p-quic-linux-arm64-gnu', { os: 'linux', cpu: 'arm64', libc: 'glibc' }],
  ['@oxlint/binding-linux-arm-gnueabihf', { os: 'linux', cpu: 'arm' }],
  ['@oxlint/binding-win32-x64-msvc', { os: 'win32', cpu: 'x64' }],
  ['@oxlint-tsgolint/darwin-arm64', { os: 'darwin', cpu: 'arm64' }],
  ['@oxc-parser/binding-wasm32-wasi', undefined],
])('the platform of %s is read from its name', (name, platform) => {
  expect(platformOf(name)).toEqual(platform)
})
