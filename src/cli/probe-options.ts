import type { Command } from 'commander'
import { envOf } from '../config/setting.ts'
import { settingOf, type SettingKey } from '../config/settings-table.ts'
import type { CommandIo } from './io.ts'
import { addSettingsOptions, flagTexts } from './settings-options.ts'
import { timeoutSeconds } from './timeout-option.ts'

export interface ProbeCommandOptions {
  json?: boolean
  /** In seconds. */
  timeout?: number
}

const KEYS: readonly SettingKey[] = ['fork_digest', 'topics', 'genesis', 'genesis_time']
const EXAMPLES = `
Examples:
  leanmesh probe /ip4/192.0.2.1/udp/9001/quic-v1/p2p/16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT
  leanmesh probe enr:-… --genesis genesis/ --fork-digest 12345678
  leanmesh probe "$PEER" --json | jq .outcome

Exit codes:
  0  the peer took us into its mesh
  1  it was reached, but did not take us in
  2  the command line or a file is wrong
  3  it was not reached: no address, no answer, or another peer's key`

/** Adds `leanmesh probe`. */
export function addProbeCommand(program: Command, io: CommandIo, done: (code: number) => void): void {
  const command = program
    .command('probe')
    .description('Dial one peer and say step by step how far it gets, and where it stops, why. Listens nowhere.')
    .argument('<PEER>', 'a multiaddr that ends in /p2p/<peer id>, or an ENR')
    .option('--json', 'print JSON at the end instead of text as it goes')
    .option('--timeout <SECONDS>', 'how long all of it may take [default: 30]', timeoutSeconds)
  addSettingsOptions(command, KEYS)
    .addHelpText('after', EXAMPLES)
    .action(async (peer: string, options: ProbeCommandOptions) => {
      const { probeCommand } = await import('./probe.ts')
      // Variables that are there for a sidecar as a whole are none of its business.
      const env = Object.fromEntries(KEYS.map((key) => envOf(key, settingOf(key))).map((name) => [name, io.env[name]]))
      done(await probeCommand(peer, { ...options, settings: { flags: flagTexts(command), env } }, io))
    })
}
