import type { Command } from 'commander'
import type { CommandIo } from './io.ts'
import { timeoutSeconds } from './timeout-option.ts'

export interface ExplainOptions {
  json?: boolean
  /** In seconds. */
  timeout?: number
  caFile?: string
  certFile?: string
  keyFile?: string
  user?: string
  passwordFile?: string
}

const DEFAULT_URL = 'http://127.0.0.1:9464/'
const EXAMPLES = `
Examples:
  leanmesh explain
  leanmesh explain http://10.0.0.7:9464/
  leanmesh explain https://10.0.0.7:9464/ --ca-file ca.pem --user alice --password-file alice.txt
  leanmesh explain --json | jq '.causes[] | {kind, sentence}'

Exit codes:
  0  all is well
  1  something is wrong
  2  the command line is wrong, or no sidecar answered`

/** Adds `leanmesh explain`. */
export function addExplainCommand(program: Command, io: CommandIo, done: (code: number) => void): void {
  program
    .command('explain')
    .description('Say in plain words why the mesh of a running sidecar is as it is, the likeliest cause first.')
    .argument('[URL]', 'where the sidecar serves, http:// or https://', DEFAULT_URL)
    .option('--json', 'print JSON instead of text')
    .option('--timeout <SECONDS>', 'how long the reading may take [default: 2]', timeoutSeconds)
    .option('--ca-file <FILE>', 'PEM certificate of the CA, or of the sidecar itself, to believe it by')
    .option('--user <NAME>', 'user of the web config, with --password-file')
    .option('--password-file <FILE>', 'file with the password of that user')
    .option('--cert-file <FILE>', 'PEM client certificate, with --key-file')
    .option('--key-file <FILE>', 'PEM key of the client certificate')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: ExplainOptions) => {
      const { explainCommand } = await import('./explain.ts')
      done(await explainCommand(url, options, io))
    })
}
