/**
 * Run by the Dockerfile in the folder that becomes `/app`, with the installed packages in it: checks
 * that the native addons of the target are there, removes what is bundled or does not count at run time, adds the build id to the
 * version, and writes the list of all packages, `sbom.cdx.json` (CycloneDX).
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What Node loads, and what licences ask to keep. */
const NEEDED = /\.([cm]?js|json|node|wasm)$|^(licen[cs]e|notice|copying)/i
const MADE_FOR_BROWSERS = /\.min\.js$/
const MAX_SBOM_BYTES = 2 ** 26

interface Manifest {
  name: string
  version: string
  description: string
  license: string
  type: string
  dependencies: Record<string, string>
}

interface Sbom {
  serialNumber?: string
  metadata: { timestamp?: string }
}

const { REVISION, SOURCE_DATE_EPOCH, TARGETARCH = '' } = process.env

interface LockEntry {
  optionalDependencies?: Record<string, string>
  os?: string[]
  cpu?: string[]
  libc?: string[]
  dev?: boolean
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> }

/** npm goes on without an optional package that the registry does not have; the sidecar would end at its start. */
function missingAddons(): string[] {
  const processor = TARGETARCH.replace('amd64', 'x64')
  const wanted = Object.entries(packages).filter(([, { os = [], cpu = [], libc = ['glibc'], dev = false }]) => {
    return !dev && os.includes('linux') && cpu.includes(processor) && libc.includes('glibc')
  })
  return wanted.map(([path]) => path).filter((path) => !existsSync(path))
}

/** The programs have all packages in them but the addons, and those that choose between addons. */
function removeBundled(): void {
  for (const [path, { os, optionalDependencies }] of Object.entries(packages)) {
    const isKept = os !== undefined || optionalDependencies !== undefined
    if (isKept && existsSync(path)) cpSync(path, path.replace('node_modules', 'kept'), { recursive: true })
  }
  rmSync('node_modules', { recursive: true })
  cpSync('kept', 'node_modules', { recursive: true })
  rmSync('kept', { recursive: true })
}

function removeUnused(): void {
  for (const entry of readdirSync('node_modules', { recursive: true, withFileTypes: true })) {
    const isNeeded = NEEDED.test(entry.name) && !MADE_FOR_BROWSERS.test(entry.name)
    if (!entry.isDirectory() && !isNeeded) rmSync(join(entry.parentPath, entry.name))
  }
}

/** The version with its build id, as semantic versions write it: https://semver.org/#spec-item-10 */
function versionOf(manifest: Manifest): string {
  const buildId = REVISION?.replace(/^([0-9a-f]{12})[0-9a-f]*/, '$1')
  return buildId ? `${manifest.version}+${buildId}` : manifest.version
}

function shortManifest(): Manifest {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
  const { name, description, license, type, dependencies } = manifest
  return { name, version: versionOf(manifest), description, license, type, dependencies }
}

function sbom(): Sbom {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application']
  const document = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', maxBuffer: MAX_SBOM_BYTES })) as Sbom
  // A random number and the time of the build would make each image another one.
  delete document.serialNumber
  delete document.metadata.timestamp
  if (SOURCE_DATE_EPOCH) document.metadata.timestamp = new Date(Number(SOURCE_DATE_EPOCH) * 1000).toISOString()
  return document
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}

const missing = missingAddons()
if (missing.length === 0) {
  writeJson('package.json', shortManifest())
  writeJson('sbom.cdx.json', sbom())
  removeBundled()
  removeUnused()
} else {
  const what = missing.join(' and ')
  console.error(`${what} was not installed, but the image for ${TARGETARCH} needs it: the registry may not have it`)
  process.exitCode = 1
}
