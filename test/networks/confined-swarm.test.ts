import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { swarmV8Flags } from '../../src/networks/swarm-process.ts'
import { createChildNetwork } from '../support/child-network.ts'

test('a swarm runs confined, and is not given what the environment says of other things', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'api-key=s3cret')
  onTestFinished(() => void vi.unstubAllEnvs())
  await using child = createChildNetwork()
  await child.network.start()
  await child.until('runs', ({ phase }) => phase === 'running')
  const commandLine = (await readFile(`/proc/${child.pid()}/cmdline`, 'utf8')).split('\0')
  expect(commandLine).toEqual(
    expect.arrayContaining(['--permission', '--disallow-code-generation-from-strings', '--disable-proto=delete']),
  )
  const allowed = commandLine.filter((argument) => argument.startsWith('--allow-')).map((flag) => flag.split('=')[0])
  expect(new Set(allowed)).toEqual(new Set(['--allow-addons', '--allow-fs-read']))
  const environment = await readFile(`/proc/${child.pid()}/environ`, 'utf8')
  expect(environment).toContain('PATH=')
  expect(environment).not.toContain('s3cret')
})

test('a swarm gets the limits of its heap, one native thread, one malloc arena and what it may keep, unless the environment says otherwise', async () => {
  vi.stubEnv('TOKIO_WORKER_THREADS', undefined)
  vi.stubEnv('MALLOC_MMAP_THRESHOLD_', undefined)
  vi.stubEnv('MALLOC_TRIM_THRESHOLD_', undefined)
  vi.stubEnv('MALLOC_ARENA_MAX', '7')
  onTestFinished(() => void vi.unstubAllEnvs())
  await using child = createChildNetwork()
  await child.network.start()
  await child.until('runs', ({ phase }) => phase === 'running')
  expect((await readFile(`/proc/${child.pid()}/cmdline`, 'utf8')).split('\0')).toEqual(
    expect.arrayContaining(swarmV8Flags()),
  )
  expect((await readFile(`/proc/${child.pid()}/environ`, 'utf8')).split('\0')).toEqual(
    expect.arrayContaining([
      'TOKIO_WORKER_THREADS=1',
      'MALLOC_ARENA_MAX=7',
      'MALLOC_MMAP_THRESHOLD_=65536',
      'MALLOC_TRIM_THRESHOLD_=4194304',
    ]),
  )
})

test.each([
  ['12.4.254.21-node.27', false],
  ['13.6.233.17-node.53', true],
  ['14.1.146.11-node.25', false],
  ['130.0', false],
])('V8 %s is told when to look through its young buffers: %s', (v8, isTold) => {
  expect(swarmV8Flags(v8).includes('--scavenger-max-new-space-capacity-mb=2')).toBe(isTold)
})

test('a swarm that says what none can say is ended, and is started again', async () => {
  const lie = 'process.send({ type: "snapshot", snapshot: null })'
  vi.stubEnv('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(lie)}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  await using child = createChildNetwork()
  await child.network.start()
  const { lastError } = await child.until('fails', ({ restarts }) => restarts.start_failed > 0)
  expect(lastError).toMatch(/^the swarm sent a wrong message \(snapshot: /)
  vi.unstubAllEnvs()
  await child.until('runs', ({ phase }) => phase === 'running')
})
