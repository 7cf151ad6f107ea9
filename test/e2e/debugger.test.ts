import { expect, test } from 'vitest'
import { startCommand } from '../support/running-command.ts'

test('a signal, which a swarm may send, does not open the debugger of the sidecar', async () => {
  await using command = await startCommand([], {})
  process.kill(command.pid, 'SIGUSR1')
  await command.untilPrinted(/SIGUSR1|Debugger listening/)
  expect((await fetch(`${command.url}healthz`)).status).toBe(200)
  expect(command.printed()).not.toContain('Debugger listening')
})
