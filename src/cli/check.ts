import { EXIT_OK } from './exit-codes.ts'
import { writeLine, writeWarnings, type CommandIo } from './io.ts'
import type { Prepared } from './prepare.ts'
import { summary } from './summary.ts'

/** `leanmesh check`: says what a run would start. The checking itself is the preparation. */
export function checkCommand(prepared: Prepared, io: CommandIo): number {
  writeWarnings(io, prepared.warnings)
  writeLine(io.stdout, summary(prepared))
  return EXIT_OK
}
