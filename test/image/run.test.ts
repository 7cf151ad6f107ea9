import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  containerStorage,
  type ImageContainer,
  MEMORY_LIMIT_BYTES,
  runArguments,
  startImageContainer,
} from '../support/image-container.ts'
import { cgroupMemory } from '../support/cgroup-memory.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

/** What Kubernetes leaves a native sidecar when the client has used up the pod's grace period. */
const GRACE_SECONDS = 2
const PATIENCE = { timeout: 30_000, interval: 100 }

async function start(...flags: string[]): Promise<ImageContainer> {
  const container = await startImageContainer(...flags)
  onTestFinished(() => container[Symbol.asyncDispose]())
  return container
}

/** Scrapes from outside until a named peer is in the mesh. */
async function untilMeshed({ url, podman }: ImageContainer): Promise<void> {
  try {
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${url}metrics`)).text()
      expect(metrics).toMatch(/^lean_gossip_mesh_peers\{client="\w+_0"\} 1$/m)
    }, PATIENCE)
  } catch (cause) {
    throw new Error(`no mesh; the container said: ${await podman('logs')}`, { cause })
  }
}

/** What the kernel says of the container's first process. */
async function statusOf(pid: number): Promise<Record<string, string>> {
  const lines = (await readFile(`/proc/${pid}/status`, 'utf8')).trim().split('\n')
  return Object.fromEntries(lines.map((line) => line.split(':').map((part) => part.trim())) as [string, string][])
}

test('it runs without rights, on a read-only root and in 192 MiB, and shows a live mesh to a scrape from outside', async () => {
  const container = await start('--devnet', '4')
  await untilMeshed(container)
  const { Uid, Gid, CapEff, CapBnd, NoNewPrivs } = await statusOf(container.pid)
  expect([Uid, Gid]).toEqual(Array(2).fill('65532\t65532\t65532\t65532'))
  expect({ CapEff, CapBnd, NoNewPrivs }).toEqual({ CapEff: '0'.repeat(16), CapBnd: '0'.repeat(16), NoNewPrivs: '1' })
  const mounts = (await readFile(`/proc/${container.pid}/mountinfo`, 'utf8')).split('\n').map((line) => line.split(' '))
  expect(mounts.find(([, , , , mountPoint]) => mountPoint === '/')?.[5]).toMatch(/^ro\b/)
  const { limit, used } = await cgroupMemory(container.pid)
  expect(limit).toBe(MEMORY_LIMIT_BYTES)
  expect(used).toBeGreaterThan(50 * 2 ** 20)
  console.log(`memory with a devnet of four peers in it: ${(used / 2 ** 20).toFixed(0)} MiB of its control group`)
})

test('its health check passes while it serves, and fails where nobody does', async () => {
  const container = await start('--devnet', '1')
  await vi.waitFor(async () => expect((await fetch(`${container.url}healthz`)).status).toBe(200), PATIENCE)
  await container.podman('healthcheck run')
  // The flag moves it to a port that the health check, which sees the variables alone, does not know.
  const elsewhere = await start('--devnet', '1', '--http-port', '0')
  await expect(elsewhere.podman('healthcheck run')).rejects.toThrow('failed')
})

test('SIGTERM ends it with code 0 in the 2 s after a client that used up its grace period, and the last push arrives', async () => {
  await using receiver = await startOtlpReceiver()
  const container = await start('--devnet', '2', '--otlp-endpoint', new URL(receiver.url).origin)
  await untilMeshed(container)
  const startedAt = performance.now()
  await container.podman(`stop --time=${GRACE_SECONDS}`)
  const seconds = (performance.now() - startedAt) / 1000
  expect(await container.exitCode(), 'after SIGKILL it would be 137').toBe(0)
  expect(seconds).toBeLessThan(GRACE_SECONDS)
  expect(receiver.received.at(-1)?.values).toMatchObject({ 'lean_gossip_mesh_running{network_id=0}': 0 })
  console.log(`stopped in ${seconds.toFixed(2)} s`)
})

test('SIGTERM ends it with code 0 in those 2 s also where the receiver of the last push does not answer', async () => {
  await using receiver = await startOtlpReceiver({ answer: () => undefined })
  const container = await start('--devnet', '2', '--otlp-endpoint', new URL(receiver.url).origin)
  await untilMeshed(container)
  await container.podman(`stop --time=${GRACE_SECONDS}`)
  expect(await container.exitCode()).toBe(0)
})

test('node is on its path, and stops it as the guide to the manifests says', async () => {
  const container = await start('--devnet', '1')
  await untilMeshed(container)
  await container.podman('exec', 'node', '-e', 'process.kill(1)')
  await container.podman('wait')
  expect(await container.exitCode()).toBe(0)
})

test('a wrong setting gets an error that names it, and exit code 2', async () => {
  const failure = await containerStorage()
    .podman(...runArguments('--rm', '--env=LEANMESH_HTTP_PORT=none'))
    .catch((error: unknown) => error as Error)
  expect(failure).toMatchObject({ cause: { code: 2 } })
  expect(String(failure)).toContain('http.port (LEANMESH_HTTP_PORT)')
})
