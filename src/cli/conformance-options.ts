import { InvalidArgumentError, type Command } from 'commander'
import type { CommandIo } from './io.ts'

export interface ConformanceOptions {
  allowAbsent?: boolean
  json?: boolean
  /** The client's name. */
  client?: string
  /** In seconds. */
  timeout?: number
}

const MAX_TIMEOUT_SECONDS = 600
const EXAMPLES = `
Examples:
  leanmesh conformance http://127.0.0.1:8008/metrics
  leanmesh conformance http://127.0.0.1:8008/metrics --allow-absent
  leanmesh conformance http://127.0.0.1:8008/metrics --json | jq '.metrics[] | {metric, verdict}'

Exit codes:
  0  every metric conforms; with --allow-absent: at least one conforms, and none deviates
  1  a metric deviates or is absent, or the text has a problem of its own
  2  the command line is wrong, or the metrics could not be read`

function seconds(text: string): number {
  const value = /^\d{1,3}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (value > 0 && value <= MAX_TIMEOUT_SECONDS) return value
  throw new InvalidArgumentError(`It is a number of seconds, more than 0 and at most ${MAX_TIMEOUT_SECONDS}.`)
}

/** Adds `leanmesh conformance`. */
export function addConformanceCommand(program: Command, io: CommandIo, done: (code: number) => void): void {
  program
    .command('conformance')
    .description(
      "Compare a client's own /metrics with the network metrics of leanMetrics, and say how it counts mesh peers.",
    )
    .argument('<URL>', 'where the client serves its metrics, http:// or https://')
    .option('--allow-absent', 'let metrics that are not there pass, as long as one conforms')
    .option('--json', 'print JSON instead of a table')
    .option('--client <NAME>', 'which client it is, where lean_node_info does not say so')
    .option('--timeout <SECONDS>', 'how long the reading may take [default: 2]', seconds)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: ConformanceOptions) => {
      const { conformanceCommand } = await import('./conformance.ts')
      done(await conformanceCommand(url, options, io))
    })
}
