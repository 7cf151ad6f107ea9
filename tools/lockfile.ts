/**
 * `npm ci` refuses a lockfile that lacks the entry of an optional dependency, and `npm install` leaves out each platform
 * package that the registry in use does not carry. This adds the missing entries (`node tools/lockfile.ts`) or names
 * them (`--check`), so that one lockfile installs on every platform and from every registry. Both say what of it cannot be trusted.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual, promisify } from 'node:util'
import { trustProblems } from './lockfile-trust.ts'
import { platformOf } from './platform-package.ts'

interface LockEntry {
  version?: string
  resolved?: string
  integrity?: string
  hasInstallScript?: boolean
  dev?: boolean
  cpu?: string[]
  os?: string[]
  libc?: string[]
  optional?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
type Packages = Record<string, LockEntry>

interface MissingEntry {
  /** The package that asks for it. */
  parent: string
  key: string
  name: string
  version: string
}

const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/

/** Where Node would find `name` from the package at `key`: its own node_modules, then those of each package around it. */
function resolveEntry(packages: Packages, key: string, name: string): LockEntry | undefined {
  for (let at = key; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const entry = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`]
    if (entry !== undefined || at === '') return entry
  }
}

function missingEntries(packages: Packages): MissingEntry[] {
  const missing = new Map<string, MissingEntry>()
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const found = resolveEntry(packages, parent, name)
      if (found !== undefined && (found.version === version || !EXACT_VERSION.test(version))) continue
      const key =
        packages[`node_modules/${name}`] === undefined ? `node_modules/${name}` : `${parent}/node_modules/${name}`
      missing.set(key, { parent, key, name, version })
    }
  }
  return [...missing.values()]
}

/** The hash that the registry gives for a package; undefined when the registry does not carry it. */
async function integrityOf(name: string, version: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['view', `${name}@${version}`, 'dist.integrity', '--json'])
    return stdout.trim() === '' ? undefined : String(JSON.parse(stdout))
  } catch {
    return undefined
  }
}

async function newEntry({ parent, name, version }: MissingEntry, packages: Packages): Promise<LockEntry> {
  if (!EXACT_VERSION.test(version)) {
    throw new Error(`${parent} wants ${name}@${version}: not an exact version, add its entry by hand`)
  }
  const platform = platformOf(name)
  if (platform === undefined)
    throw new Error(`${name}: its platform cannot be read from its name, add its entry by hand`)
  const integrity = await integrityOf(name, version)
  return {
    version,
    ...(integrity === undefined ? {} : { integrity }),
    cpu: [platform.cpu],
    ...(packages[parent]?.dev === true ? { dev: true } : {}),
    ...(platform.libc === undefined ? {} : { libc: [platform.libc] }),
    optional: true,
    os: [platform.os],
  }
}

/** What would make `npm ci` fail elsewhere, one sentence each. */
function problems(manifest: LockEntry, packages: Packages): string[] {
  const found = missingEntries(packages).map(
    ({ parent, name, version }) => `${name}@${version} (wanted by ${parent}) has no entry: run node tools/lockfile.ts`,
  )
  for (const [key, entry] of Object.entries(packages)) {
    if (/^https?:/.test(entry.resolved ?? '')) found.push(`${key} names the registry that served it: ${entry.resolved}`)
  }
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    if (!isDeepStrictEqual(packages['']?.[group] ?? {}, manifest[group] ?? {})) {
      found.push(`${group} differ from package.json: run npm install, then node tools/lockfile.ts`)
    }
  }
  return found
}

const text = await readFile('package-lock.json', 'utf8')
const lock = JSON.parse(text) as { packages: Packages }
const manifest = JSON.parse(await readFile('package.json', 'utf8')) as LockEntry & {
  allowScripts?: Record<string, boolean>
}

if (!process.argv.includes('--check')) {
  for (const missing of missingEntries(lock.packages)) {
    lock.packages[missing.key] = await newEntry(missing, lock.packages)
    console.log(`added ${missing.name}@${missing.version}`)
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')))
  await writeFile('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
}
const left = [...problems(manifest, lock.packages), ...trustProblems(lock.packages, manifest.allowScripts ?? {})]
for (const problem of left) console.error(`package-lock.json: ${problem}`)
process.exitCode = left.length === 0 ? 0 : 1
