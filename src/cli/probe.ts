import type { SettingsSources } from '../config/load-settings.ts'
import { LeanmeshError } from '../errors.ts'
import { probe, type ProbeOutcome, type ProbeStep } from '../sidecar-probe.ts'
import { version } from '../version.ts'
import { EXIT_BAD_INPUT, EXIT_FAILURE, EXIT_NOT_REACHED, EXIT_OK } from './exit-codes.ts'
import { writeLine, type CommandIo } from './io.ts'
import { prepareProbe } from './prepare-probe.ts'
import type { ProbeCommandOptions } from './probe-options.ts'
import { reportError } from './report-error.ts'
import { textColumns, wrapped } from './wrapped.ts'

const DEFAULT_TIMEOUT_SECONDS = 30
const MS_PER_SECOND = 1000
const NOT_REACHED: readonly ProbeOutcome[] = ['unresolvable', 'unreachable', 'wrong_peer_id', 'handshake_failed']
const LABEL_COLUMNS = 'handshake'.length + 2

type Options = ProbeCommandOptions & { settings: SettingsSources }
type Prepared = Awaited<ReturnType<typeof prepareProbe>>

/** `leanmesh probe`: dials one peer and says how far it gets. */
export async function probeCommand(peer: string, options: Options, io: CommandIo): Promise<number> {
  try {
    return await run(await prepareProbe(peer, options.settings), options, io)
  } catch (error) {
    if (!(error instanceof LeanmeshError)) throw error
    reportError(error, io, false)
    return EXIT_BAD_INPUT
  }
}

async function run(prepared: Prepared, { timeout, json = false }: Options, io: CommandIo): Promise<number> {
  const columns = textColumns(io.stdout.columns)
  const say = (label: string, text: string) => writeLine(io.stdout, wrapped(text, columns, label.padEnd(LABEL_COLUMNS)))
  const steps: ProbeStep[] = []
  const timeoutMs = (timeout ?? DEFAULT_TIMEOUT_SECONDS) * MS_PER_SECOND
  const { outcome, cause } = await probe({ ...prepared, agent: `leanmesh/${version}`, timeoutMs }, (step) => {
    steps.push(step)
    if (!json) say(step.step, `${step.ok ? 'ok' : 'NO'} ${step.text}`)
  })
  if (json) writeLine(io.stdout, JSON.stringify({ outcome, cause, steps }, undefined, 2))
  else say('result', `${outcome}: ${cause}`)
  if (outcome === 'meshed') return EXIT_OK
  return NOT_REACHED.includes(outcome) ? EXIT_NOT_REACHED : EXIT_FAILURE
}
