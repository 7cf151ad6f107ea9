import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'

/** Runs an example until its metrics have this line. */
async function serves(file: string, line: RegExp): Promise<void> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = String((await once(createInterface(child.stdout), 'line'))[0])
    await expect.poll(async () => (await fetch(url)).text(), { timeout: 10_000, interval: 100 }).toMatch(line)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
}

it('the embedding example serves the mesh by name, and ends when it is told to', async () => {
  await serves('examples/embed.ts', /^lean_gossip_mesh_peers\{client="example_0"\} 1$/m)
})

it('the example of gossipsub’s own metrics serves them, and ends when it is told to', async () => {
  await serves('examples/gossipsub-metrics.ts', /^gossipsub_msg_received_prevalidation_total\{topic="block"\} [1-9]/m)
})
