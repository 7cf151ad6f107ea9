import { once } from 'node:events'
import { createLogger } from '../log.ts'
import { startSidecar } from '../sidecar.ts'
import { EXIT_OK } from './exit-codes.ts'
import { writeLine, writeWarnings, type CommandIo } from './io.ts'
import type { Prepared } from './prepare.ts'

/** `leanmesh run`: starts the sidecar and keeps it until a signal ends it. */
export async function runCommand(prepared: Prepared, io: CommandIo): Promise<number> {
  writeWarnings(io, prepared.warnings)
  const sidecar = await startSidecar(prepared.options, createLogger(prepared.options.log))
  writeLine(io.stdout, `status page: ${sidecar.url}`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await sidecar.stop()
  return EXIT_OK
}
