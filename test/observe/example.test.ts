import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'

it('the embedding example serves the mesh by name, and ends when it is told to', async () => {
  const child = spawn(process.execPath, ['examples/embed.ts'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = String((await once(createInterface(child.stdout), 'line'))[0])
    await expect
      .poll(async () => (await fetch(url)).text(), { timeout: 10_000, interval: 100 })
      .toContain('lean_gossip_mesh_peers{client="example_0"} 1\n')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
