import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import bcrypt from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

const run = promisify(execFile)
const CHECKOUT = join(import.meta.dirname, '../..')
const STOP_DEADLINE_MS = 3000
const PATIENCE = { timeout: 20_000, interval: 100 }

/** Each test starts here: an empty folder with nothing but the packed package installed. */
let folder = ''
let leanmesh = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leanmesh-package-'))
  leanmesh = join(folder, 'node_modules/.bin/leanmesh')
  await run('npm', ['pack', '--pack-destination', folder], { cwd: CHECKOUT })
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no tarball'
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  await run('npm', ['install', '--prefer-offline', '--prefix', folder, join(folder, tarball)], { cwd: folder })
})

afterAll(async () => rm(folder, { recursive: true, force: true }))

/** Starts a command in a process group of its own, which is killed when the test ends. */
function start(
  command: string,
  ...args: string[]
): { child: ChildProcessByStdio<null, Readable, Readable>; output: () => string } {
  const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  onTestFinished(() => {
    if (hasProcesses(child.pid)) process.kill(-(child.pid ?? 0), 'SIGKILL')
  })
  return { child, output: () => output }
}

/** Whether the group that a process started still has members: a child that outlived it, for one. */
function hasProcesses(group: number | undefined): boolean {
  if (group === undefined) return false
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

describe('the packed package, installed into an empty folder', () => {
  test('has only what runs, and what a person reads', async () => {
    const installed = await readdir(join(folder, 'node_modules/leanmesh'))
    const expected =
      /^(dist|docs|deploy|examples|bench|package\.json|otel-collector\.yaml|LICENSE|(README|CHANGELOG|ARCHITECTURE|SECURITY)\.md)$/
    expect(installed.filter((name) => !expected.test(name))).toEqual([])
    const compiled = await readdir(join(folder, 'node_modules/leanmesh/dist'), { recursive: true })
    expect(compiled.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([])
  })

  test('its programs are bundled: nothing but the addons is loaded from other packages, and their licences are there', async () => {
    const dist = join(folder, 'node_modules/leanmesh/dist')
    const programs = [/^cli\/.+\.js$/, /^(swarm|devnet)-[^/]+\.js$/]
    const files = (await readdir(dist, { recursive: true })).filter((name) => programs.some((one) => one.test(name)))
    const texts = await Promise.all(files.map(async (name) => readFile(join(dist, name), 'utf8')))
    const imports = texts.flatMap((text) => [...text.matchAll(/^(?:import|\} from|import .* from) "([^"]+)";$/gm)])
    const packages = imports.map(([, name = '']) => name).filter((name) => !name.startsWith('.') && !isBuiltin(name))
    expect([...new Set(packages)]).toEqual(['snappy'])
    const notices = await readFile(join(dist, 'NOTICES.txt'), 'utf8')
    const titles = notices.match(/^=== .+$/gm) ?? []
    expect(titles).toContainEqual(expect.stringMatching(/^=== libp2p@[\d.]+: Apache-2\.0 OR MIT$/))
    expect(titles.filter((title) => title.endsWith('unknown'))).toEqual([])
  })

  test('leanmesh --version prints the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string }
    const { stdout } = await run(leanmesh, ['--version'], { cwd: folder })
    expect(stdout.trim()).toBe(`leanmesh ${version}`)
  })

  test('its public entry can be imported, with types', async () => {
    const program = [
      "import { LeanmeshError, observeMesh } from 'leanmesh'",
      "const error: Error = new LeanmeshError('ERR_X', 'x')",
      'console.log(typeof observeMesh, error.name)',
    ]
    await writeFile(join(folder, 'consumer.ts'), program.join('\n'))
    const { stdout } = await run('node', ['consumer.ts'], { cwd: folder })
    expect(stdout.trim()).toBe('function LeanmeshError')
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--types', '', '--lib', 'es2024,dom']
    await run(join(CHECKOUT, 'node_modules/.bin/tsc'), [...flags, 'consumer.ts'], { cwd: folder })
  })

  test('leanmesh run shows a live mesh, and SIGTERM ends all of it within 3 s', async () => {
    await expectLiveMesh(leanmesh)
  })

  test('leanmesh run compares passwords with their hashes', async () => {
    const hash = await bcrypt.hash('right', 4)
    await writeFile(join(folder, 'web.yaml'), JSON.stringify({ basic_auth_users: { me: hash } }))
    const { output } = start(leanmesh, 'run', '--http-port', '0', '--devnet', '2', '--web-config', 'web.yaml')
    const url = await urlIn(output)
    const status = async (password: string) => {
      const authorization = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
      return (await fetch(`${url}metrics`, { headers: { authorization } })).status
    }
    expect(await status('right')).toBe(200)
    expect(await status('wrong')).toBe(401)
  })

  test('leanmesh run does the same under the oldest Node that package.json allows', async () => {
    const { engines } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as Manifest
    const oldest = `${engines.node.replace('>=', '')}.0`
    // The package `node` only installs this one, with a script that npm may be told not to run.
    const name = `node-${process.platform}-${process.arch}`
    await mkdir(join(folder, 'oldest'))
    await run('npm', [
      'install',
      '--prefer-offline',
      '--no-save',
      '--prefix',
      join(folder, 'oldest'),
      `${name}@${oldest}`,
    ])
    const node = join(folder, 'oldest/node_modules', name, 'bin/node')
    expect((await run(node, ['--version'])).stdout.trim()).toBe(`v${oldest}`)
    await expectLiveMesh(node, join(folder, 'node_modules/leanmesh/dist/cli/main.js'))
  })
})

interface Manifest {
  engines: { node: string }
}

async function urlIn(output: () => string): Promise<string> {
  return await vi.waitFor(() => {
    const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output())?.[0]
    if (found === undefined) throw new Error(`no URL in the output:\n${output()}`)
    return found
  }, PATIENCE)
}

async function expectLiveMesh(command: string, ...before: string[]): Promise<void> {
  const { child, output } = start(command, ...before, 'run', '--http-port', '0', '--devnet', '2')
  const exited = once(child, 'exit')
  const url = await urlIn(output)
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${url}metrics`)).text()
    expect(metrics).toMatch(/^lean_gossip_mesh_peers(\{.*\})? [1-9]/m)
  }, PATIENCE)
  expect(await (await fetch(url)).text()).toContain('Who is in which mesh')
  expect((await fetch(`${url}live.js`)).status).toBe(200)
  const stoppedAt = performance.now()
  child.kill('SIGTERM')
  expect(await exited, output()).toEqual([0, null])
  expect(performance.now() - stoppedAt).toBeLessThan(STOP_DEADLINE_MS)
  expect(hasProcesses(child.pid), 'a process outlived the sidecar').toBe(false)
}
