import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { licencesOf } from '../../tools/licences.ts'
import { IMAGE } from '../support/built-image.ts'
import { containerStorage, runArguments } from '../support/image-container.ts'

const CHECKOUT = join(import.meta.dirname, '../..')
const SIZE_GOAL_BYTES = 150e6
const SETUID_OR_SETGID = 0o6000
const EXECUTABLE = 0o111

interface Manifest {
  name?: string
  version?: string
  dependencies?: Record<string, string>
}

interface Entry {
  /** Relative to the root of the image. */
  path: string
  isFile: boolean
  mode: number
  uid: number
  size: number
}

let root = ''
let entries: Entry[] = []

beforeAll(async () => {
  root = await containerStorage().podman('image', 'mount', IMAGE)
  entries = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    const { mode, uid, size } = lstatSync(path)
    return { path: relative(root, path), isFile: entry.isFile(), mode, uid, size }
  })
})

function pathsWhere(predicate: (entry: Entry) => boolean): string[] {
  return entries.filter(predicate).map(({ path }) => path)
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Of the lockfile: what the sidecar needs, too, is none of them. */
async function developmentPackages(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(CHECKOUT, 'package-lock.json'), 'utf8')) as { packages: object }
  const [development = [], rest = []] = [true, false].map((wanted) =>
    licencesOf({ ...lock.packages }).flatMap(({ name, isDevelopment }) => (isDevelopment === wanted ? [name] : [])),
  )
  return development.filter((name) => !rest.includes(name))
}

describe('the configuration', () => {
  test('is what the manifests expect: the command, an unprivileged user, a health check without a shell', async () => {
    const [image] = JSON.parse(await containerStorage().podman('image', 'inspect', IMAGE)) as [ImageConfiguration]
    const main = ['/usr/local/bin/node', '/app/dist/cli/main.js']
    expect(image.Config).toMatchObject({ User: '65532:65532', Entrypoint: main, Cmd: ['run'] })
    expect(image.Healthcheck.Test).toEqual(['CMD', ...main, 'health'])
    expect(image.Config.Env).toContain('PATH=/usr/local/bin:/usr/bin:/bin')
  })

  test('has labels that say what it is and what it was built from', async () => {
    const { version } = await manifestOf(CHECKOUT)
    const [image] = JSON.parse(await containerStorage().podman('image', 'inspect', IMAGE)) as [ImageConfiguration]
    const label = (name: string) => image.Labels[`org.opencontainers.image.${name}`]
    expect([label('title'), label('licenses'), label('version')]).toEqual(['leanmesh', 'Apache-2.0', version])
    expect(label('description')).toMatch(/^OpenTelemetry sidecar/)
    expect(label('source')).toMatch(/^https:/)
    expect(label('revision')).toMatch(/^[0-9a-f]{40}(-dirty)?$/)
    expect(new Date(label('created') ?? '').getTime()).toBeGreaterThan(0)
  })

  test('its version has the build id of the revision', async () => {
    const { version } = await manifestOf(CHECKOUT)
    const printed = await containerStorage().podman(...runArguments('--rm'), '--version')
    expect(printed).toMatch(new RegExp(`^leanmesh ${version}\\+[0-9a-f]{12}(-dirty)?$`))
  })
})

interface ImageConfiguration {
  Config: { User: string; Entrypoint: string[]; Cmd: string[]; Env: string[] }
  Healthcheck: { Test: string[] }
  Labels: Record<string, string>
}

describe('the files', () => {
  test('of the sidecar are compiled output, packages, licence and list of packages, and nothing else', () => {
    expect(readdirSync(join(root, 'app')).sort()).toEqual([
      'LICENSE',
      'dist',
      'node_modules',
      'package.json',
      'sbom.cdx.json',
    ])
    const leftOver = /^app\/.+\.([cm]?ts|map|(?<!LICENSE\.)md|min\.js|tsbuildinfo)$/i
    expect(pathsWhere(({ path }) => leftOver.test(path))).toEqual([])
    const addons = pathsWhere(({ path }) => path.endsWith('.node')).map((path) => path.split('/').at(-1))
    expect(addons).toEqual([
      `libp2p-quic.${process.platform}-${process.arch}-gnu.node`,
      `snappy.${process.platform}-${process.arch}-gnu.node`,
    ])
  })

  test('have no package that only development needs, and of the others only addons outside the programs', async () => {
    const { dependencies = {} } = await manifestOf(CHECKOUT)
    const installed = (await sidecarPackages()).map(nameOf)
    const all = [...installed, ...bundledPackages().map(nameOf)]
    const forbidden = await developmentPackages()
    expect(forbidden).toContain('vitest')
    expect(forbidden.filter((name) => all.includes(name))).toEqual([])
    expect(all).toEqual(expect.arrayContaining(Object.keys(dependencies)))
    const platform = `${process.platform}-${process.arch}-gnu`
    const addons = [
      '@chainsafe/libp2p-quic',
      'snappy',
      `@chainsafe/libp2p-quic-${platform}`,
      `@napi-rs/snappy-${platform}`,
    ]
    expect(installed.toSorted()).toEqual(addons.toSorted())
  })

  test('have one program, node, and no shell', () => {
    const isLibrary = /\.so(\.\d+)*$/
    const isOfPackage = /^app\/node_modules\//
    const programs = pathsWhere(({ path, isFile, mode }) => {
      return isFile && (mode & EXECUTABLE) !== 0 && !isLibrary.test(path) && !isOfPackage.test(path)
    })
    expect(programs).toEqual(['usr/local/bin/node'])
    expect(pathsWhere(({ path }) => /(^|\/)(sh|bash|dash|busybox)$/.test(path))).toEqual([])
  })

  test('have neither keys nor settings of whoever built it', () => {
    const secret = /\.(key|pem|env)$|(^|\/)(\.npmrc|\.git|\.env.*|validator-config\.yaml)$|^root\/./
    expect(pathsWhere(({ path }) => secret.test(path))).toEqual([])
  })

  test('belong to root, and raise nobody to their owner', () => {
    expect(pathsWhere(({ uid }) => uid !== 0)).toEqual([])
    expect(pathsWhere(({ isFile, mode }) => isFile && (mode & SETUID_OR_SETGID) !== 0)).toEqual([])
  })

  test('of Debian are listed where scanners look for them', () => {
    expect(readdirSync(join(root, 'var/lib/dpkg/status.d'))).toEqual(
      expect.arrayContaining(['libc6', 'libgcc-s1', 'libstdc++6']),
    )
  })
})

/** The packages in `/app/node_modules`, however deep, as `name@version`. */
async function sidecarPackages(): Promise<string[]> {
  const manifest = /^app\/(.+\/)?node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/
  const manifests = pathsWhere(({ path }) => manifest.test(path))
  const packages = await Promise.all(manifests.map((path) => manifestOf(join(root, path, '..'))))
  return packages.map(({ name = '', version = '' }) => `${name}@${version}`)
}

/** The packages that the programs are bundled from, as `name@version`. */
function bundledPackages(): string[] {
  const notices = readFileSync(join(root, 'app/dist/NOTICES.txt'), 'utf8')
  return [...notices.matchAll(/^=== (\S+): .+$/gm)].map(([, id = '']) => id)
}

function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('@'))
}

test('the list of packages has all that are bundled and all that are there, and none of development', async () => {
  const sbom = JSON.parse(readFileSync(join(root, 'app/sbom.cdx.json'), 'utf8')) as Sbom
  expect(sbom.bomFormat).toBe('CycloneDX')
  const listed = sbom.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`)
  const bundled = bundledPackages()
  expect(bundled.length).toBeGreaterThan(100)
  expect(listed).toEqual(expect.arrayContaining([...bundled, ...(await sidecarPackages())]))
  const forbidden = await developmentPackages()
  expect(listed.map(nameOf).filter((name) => forbidden.includes(name))).toEqual([])
})

interface Sbom {
  bomFormat: string
  components: { group?: string; name: string; version: string }[]
}

test('it keeps to the size that is its goal', async () => {
  const size = Number(await containerStorage().podman('image', 'inspect', '--format={{.Size}}', IMAGE))
  expect(size).toBeLessThan(SIZE_GOAL_BYTES)
  const files = entries.reduce((sum, entry) => sum + (entry.isFile ? entry.size : 0), 0)
  const node = sizeOf('usr/local/bin/node')
  const modules = sizeOf('app/node_modules')
  const dist = sizeOf('app/dist')
  const base = files - node - sizeOf('app')
  const parts = { node, node_modules: modules, dist, 'rest of /app': sizeOf('app') - modules - dist, base }
  const listed = Object.entries({ ...parts, 'headers and padding of the layers': size - files })
  const sums = listed.map(([part, bytes]) => `${part} ${megabytes(bytes)}`)
  console.log(`all layers ${megabytes(size)} (${sums.join(', ')}), compressed ${megabytes(await compressedSize())}`)
})

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function sizeOf(part: string): number {
  const files = entries.filter(({ path, isFile }) => isFile && (path === part || path.startsWith(`${part}/`)))
  return files.reduce((sum, { size }) => sum + size, 0)
}

/** In bytes: what a registry would hold, and a node would pull. */
async function compressedSize(): Promise<number> {
  const storage = containerStorage()
  const folder = join(storage.folder, 'pushed')
  await storage.podman('push', '--quiet', IMAGE, `oci:${folder}`)
  const blob = (digest: string) =>
    JSON.parse(readFileSync(join(folder, 'blobs', digest.replace(':', '/')), 'utf8')) as unknown
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: [{ digest: string }] }
  const { layers } = blob(index.manifests[0].digest) as { layers: { size: number }[] }
  return layers.reduce((sum, { size }) => sum + size, 0)
}
