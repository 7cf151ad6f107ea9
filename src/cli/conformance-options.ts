import type { Command } from 'commander'
import type { CommandIo } from './io.ts'
import { timeoutSeconds } from './timeout-option.ts'

export interface ConformanceOptions {
  allowAbsent?: boolean
  json?: boolean
  /** The client's name. */
  client?: string
  /** In seconds. */
  timeout?: number
}

const EXAMPLES = `
Examples:
  leanmesh conformance http://127.0.0.1:8008/metrics
  leanmesh conformance http://127.0.0.1:8008/metrics --allow-absent
  leanmesh conformance http://127.0.0.1:8008/metrics --json | jq '.metrics[] | {metric, verdict}'

Exit codes:
  0  every metric conforms; with --allow-absent: at least one conforms, and none deviates
  1  a metric deviates or is absent, or the text has a problem of its own
  2  the command line is wrong, or the metrics could not be read`

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
    .option('--timeout <SECONDS>', 'how long the reading may take [default: 2]', timeoutSeconds)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: ConformanceOptions) => {
      const { conformanceCommand } = await import('./conformance.ts')
      done(await conformanceCommand(url, options, io))
    })
}
