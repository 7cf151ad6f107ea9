import { errorText } from '../errors.ts'
import { createLogger } from '../log.ts'
import { startSidecar } from '../sidecar.ts'
import { EXIT_OK } from './exit-codes.ts'
import { type CommandIo, writeLine } from './io.ts'
import { openableUrl } from './openable-url.ts'
import type { Prepared } from './prepare.ts'
import { createProgress } from './progress.ts'
import { keepHeapSmall } from './small-heap.ts'
import { stopSignals } from './stop-signals.ts'

/** `leanmesh run`: starts the sidecar and keeps it until a signal ends it. */
export async function runCommand(prepared: Prepared, io: CommandIo): Promise<number> {
  const signals = stopSignals((code) => process.exit(code))
  const progress = createProgress(io.stderr)
  const stream = { write: (line: string) => void io.stderr.write(`${progress.erase}${line}`) }
  const log = createLogger(prepared.options.log, ...(progress.erase === '' ? [] : [stream]))
  // A promise that a dependency forgot is no reason to leave a client unwatched.
  const onRejection = (error: unknown) => log.error({ err: error }, `unexpected: ${errorText(error)}`)
  process.on('unhandledRejection', onRejection)
  // Node would open its inspector, and a swarm, which may send signals, would be let into this process by it.
  const onDebugger = () =>
    log.warn({}, 'SIGUSR1 asks for the debugger, which a sidecar has not: start it with --inspect')
  process.on('SIGUSR1', onDebugger)
  for (const warning of prepared.warnings) log.warn({}, warning)
  try {
    const sidecar = await startSidecar(prepared.options, log)
    signals.ready()
    keepHeapSmall()
    writeLine(io.stdout, `status page: ${openableUrl(sidecar.url)}`)
    progress.start(() => sidecar.networks())
    await signals.asked
    progress.stop()
    await sidecar.stop()
    return EXIT_OK
  } finally {
    process.off('unhandledRejection', onRejection)
    process.off('SIGUSR1', onDebugger)
    signals.dispose()
    progress.stop()
  }
}
