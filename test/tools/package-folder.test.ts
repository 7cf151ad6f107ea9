import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const TOOL = join(import.meta.dirname, '../../tools/image/package-folder.ts')
const MANIFEST = {
  name: 'leanmesh',
  version: '1.2.3',
  dependencies: { bundled: '1.0.0', quic: '1.0.0' },
  devDependencies: { vitest: '5' },
}
const ADDON = { version: '1.0.0', os: ['linux'], libc: ['glibc'], optional: true }
const PACKAGES = {
  'node_modules/quic': { version: '1.0.0', optionalDependencies: { 'quic-x64': '1.0.0', 'quic-arm64': '1.0.0' } },
  'node_modules/bundled': { version: '1.0.0' },
  'node_modules/quic-x64': { ...ADDON, cpu: ['x64'] },
  'node_modules/quic-arm64': { ...ADDON, cpu: ['arm64'] },
}

/** A folder as `npm ci` leaves it on amd64. */
function installedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leanmesh-package-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const quic = { name: 'quic', version: '1.0.0', optionalDependencies: { 'quic-x64': '1.0.0', 'quic-arm64': '1.0.0' } }
  const files = {
    'package.json': MANIFEST,
    'package-lock.json': { lockfileVersion: 3, packages: { '': MANIFEST, ...PACKAGES } },
    'node_modules/quic/package.json': quic,
    'node_modules/quic-x64/package.json': { name: 'quic-x64', version: '1.0.0' },
    'node_modules/bundled/package.json': { name: 'bundled', version: '1.0.0' },
  }
  const names = [
    'index.js',
    'index.d.ts',
    'index.js.map',
    'bundle.min.js',
    'LICENSE.md',
    'README.md',
    'docs/guide.html',
  ]
  const rest = Object.fromEntries(names.map((name) => [`node_modules/quic/${name}`, {}]))
  for (const [path, value] of Object.entries({ ...files, ...rest })) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), JSON.stringify(value))
  }
  return folder
}

function run(folder: string, environment: Record<string, string>): { status: number | null; stderr: string } {
  const env = { ...process.env, TARGETARCH: 'amd64', ...environment }
  return spawnSync(process.execPath, [TOOL], { cwd: folder, encoding: 'utf8', env })
}

function json(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

test('the folder of the image keeps addons and what chooses between them, of these what Node loads, and licences', () => {
  const folder = installedFolder()
  expect(run(folder, {})).toMatchObject({ status: 0 })
  expect(readdirSync(join(folder, 'node_modules')).sort()).toEqual(['quic', 'quic-x64'])
  expect(readdirSync(join(folder, 'node_modules/quic')).sort()).toEqual([
    'LICENSE.md',
    'docs',
    'index.js',
    'package.json',
  ])
  expect(json(folder, 'package.json')).toEqual({
    name: 'leanmesh',
    version: '1.2.3',
    dependencies: MANIFEST.dependencies,
  })
})

test('its version has the revision as build id, and its list of packages the time of the source', () => {
  const folder = installedFolder()
  const environment = { REVISION: `${'0123456789'.repeat(4)}-dirty`, SOURCE_DATE_EPOCH: '1700000000' }
  expect(run(folder, environment)).toMatchObject({ status: 0 })
  expect(json(folder, 'package.json')).toMatchObject({ version: '1.2.3+012345678901-dirty' })
  const sbom = json(folder, 'sbom.cdx.json') as { metadata: object; components: { name: string }[] }
  expect(sbom).not.toHaveProperty('serialNumber')
  expect(sbom.metadata).toMatchObject({ timestamp: '2023-11-14T22:13:20.000Z' })
  expect(sbom.components.map(({ name }) => name).sort()).toEqual(['bundled', 'quic', 'quic-x64'])
})

test('a target whose native addon npm left out has no image', () => {
  const { status, stderr } = run(installedFolder(), { TARGETARCH: 'arm64' })
  expect(status).toBe(1)
  expect(stderr).toContain('node_modules/quic-arm64 was not installed, but the image for arm64 needs it')
})
