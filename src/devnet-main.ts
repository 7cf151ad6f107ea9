import { startDevnetNetwork, type DevnetNetwork } from './devnet/devnet-network.ts'
import type { DevnetCommand, DevnetReport } from './devnet/devnet-process.ts'
import { errorText } from './errors.ts'
import { settleWithin } from './lifecycle/deadline.ts'

const STOP_DEADLINE_MS = 1000

/*
 * The composition root of the devnet's process: the embedded local network of `leanmesh run --devnet`.
 */
let network: DevnetNetwork | undefined

function report(message: DevnetReport): void {
  process.send?.(message, undefined, undefined, () => undefined)
}

async function obey(command: DevnetCommand): Promise<void> {
  if (command.type === 'start') {
    network = await startDevnetNetwork(command.options)
    report({ type: 'ready', peers: network.peers })
    return
  }
  if (network) await settleWithin(network.stop(), STOP_DEADLINE_MS)
  process.exit(0)
}

process.on('message', (command: DevnetCommand) => {
  obey(command).catch((error: unknown) => {
    process.stderr.write(`devnet: ${errorText(error)}\n`)
    process.exit(1)
  })
})
process.on('unhandledRejection', () => undefined)
process.on('disconnect', () => process.exit(0))
// Ctrl-C, a closed terminal and a service manager signal the whole process group; the parent says when to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
report({ type: 'booted' })
