import { createTotalsTeller } from './channel/changed-totals.ts'
import type { SwarmCommand, SwarmReport } from './channel/messages.ts'
import { limitWarnings } from './channel/warning-limit.ts'
import { errorText } from './errors.ts'
import { settleWithin } from './lifecycle/deadline.ts'
import { startUsageMeter } from './lifecycle/process-usage.ts'
import type { Snapshot } from './mesh/snapshot.ts'
import { Swarm } from './swarm/swarm.ts'
import { version } from './version.ts'

/** How long leaving the network may take, in milliseconds; the parent ends what takes longer. */
const STOP_DEADLINE_MS = 1000

/*
 * The composition root of the swarm plane: one child process, one network. It does what the parent says and ends with it.
 */
const meter = startUsageMeter()
let swarm: Swarm | undefined

const changedTotals = createTotalsTeller()

/** Who asks is told all, as a check: what is scraped then does not rest on what was pushed. */
function tell(snapshot: Snapshot, id?: number): void {
  const changed = changedTotals(snapshot.totals)
  if (id === undefined) report({ type: 'snapshot', snapshot: { ...snapshot, totals: changed } })
  else report({ type: 'snapshot', id, snapshot })
}

function report(message: SwarmReport): void {
  // The parent may be gone or going; 'disconnect' ends this process then.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

async function obey(command: SwarmCommand): Promise<void> {
  switch (command.type) {
    case 'start': {
      const deps = { agent: `leanmesh/${version}`, usage: () => meter.read(), onSnapshot: tell }
      swarm = new Swarm(command.options, deps)
      swarm.setNames(new Map(command.names))
      await swarm.start()
      return
    }
    case 'names':
      swarm?.setNames(new Map(command.names))
      return
    case 'snapshot':
      if (swarm) tell(swarm.snapshot(), command.id)
      return
    case 'stop':
      await stop()
  }
}

async function stop(): Promise<never> {
  if (swarm) await settleWithin(swarm.stop(), STOP_DEADLINE_MS).catch(() => false)
  // Not left to run dry: the native QUIC addon keeps threads.
  process.exit(0)
}

process.on('message', (command: SwarmCommand) => {
  obey(command).catch((error: unknown) => {
    report({ type: 'failed', message: errorText(error) })
    // The report has to be written before the process ends; the parent ends it when this does not come through.
    setTimeout(() => process.exit(1), 100)
  })
})
// Nothing that a peer does may end the swarm: a stray rejection deep in a dependency is told and survived.
const warn = limitWarnings((message, suppressed) => report({ type: 'warning', message, suppressed }))
process.on('unhandledRejection', (error) => warn(errorText(error)))
process.on('disconnect', () => process.exit(0))
// Ctrl-C, a closed terminal and a service manager signal the whole process group; the parent says when to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
report({ type: 'booted' })
