import { expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'

test('a devnet is observed on loopback unless it is said where to listen', async () => {
  const { stdout } = await runCommandLine(['check', '--devnet', '4'])
  expect(stdout).toContain('/ip4/127.0.0.1/udp/0/quic-v1')
  const said = await runCommandLine(['check', '--devnet', '4', '--listen', '/ip4/0.0.0.0/udp/9100/quic-v1'])
  expect(said.stdout).toContain('/ip4/0.0.0.0/udp/9100/quic-v1')
  expect(said.stdout).not.toContain('127.0.0.1/udp')
  const without = await runCommandLine(['check'])
  expect(without.stdout).toContain('/ip4/0.0.0.0/udp/0/quic-v1')
})
