import { Command, CommanderError } from 'commander'
import { loadSettings } from '../config/load-settings.ts'
import type { LoadedSettings } from '../config/settings.ts'
import { LeanmeshError } from '../errors.ts'
import { version } from '../version.ts'
import { addConformanceCommand } from './conformance-options.ts'
import { EXIT_BAD_INPUT, EXIT_OK } from './exit-codes.ts'
import { addExplainCommand } from './explain-options.ts'
import { terminalText, type CommandIo } from './io.ts'
import type { NamesOptions } from './names.ts'
import type { Prepared } from './prepare.ts'
import { addProbeCommand } from './probe-options.ts'
import { reportError } from './report-error.ts'
import { addSettingsOptions, flagTexts } from './settings-options.ts'

const HELP_WIDTH = 100
const CHECK_DESCRIPTION =
  'Check everything that `run` would use, and start nothing. It does not try to open ports. Exit code 0 or 2.'

async function loaded(command: Command, io: CommandIo): Promise<LoadedSettings> {
  const { readTextFile } = await import('../genesis/read-text-file.ts')
  return loadSettings({ flags: flagTexts(command), env: io.env }, { readTextFile })
}

async function prepared(command: Command, io: CommandIo): Promise<Prepared> {
  // Loaded when needed, because `--help` and `--version` should not wait for cryptography.
  const { prepare } = await import('./prepare.ts')
  return prepare(await loaded(command, io), { isTerminal: io.stderr.isTTY === true })
}

/** What fails in a command that only reads and writes files is bad input. */
async function filesOnly(io: CommandIo, command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (error) {
    if (!(error instanceof LeanmeshError)) throw error
    reportError(error, io, false)
    return EXIT_BAD_INPUT
  }
}

type Done = (code: number) => void

function addSidecarCommands(program: Command, io: CommandIo, done: Done): void {
  addSettingsOptions(program.command('run'))
    .description('Start the sidecar. Flags override LEANMESH_ variables, these OTEL_ variables, these the YAML file.')
    .action(async (_options, command: Command) => {
      const ready = await prepared(command, io)
      const { runCommand } = await import('./run.ts')
      done(await runCommand(ready, io))
    })
  addSettingsOptions(program.command('check'))
    .description(CHECK_DESCRIPTION)
    .action(async (_options, command: Command) => {
      const { checkCommand } = await import('./check.ts')
      done(checkCommand(await prepared(command, io), io))
    })
  addSettingsOptions(program.command('health'))
    .description('Ask a running sidecar, which has the same settings, whether it serves. Exit code 0, 1 or 2.')
    .action(async (_options, command: Command) => {
      const { healthCommand } = await import('./health.ts')
      done(await healthCommand(await loaded(command, io), io))
    })
}

function addFileCommands(program: Command, io: CommandIo, done: Done): void {
  program
    .command('names')
    .description('Write the names table (peer id to <client>_<N>) of a genesis folder, without its private keys.')
    .requiredOption('--genesis <DIR>', 'folder with validator-config.yaml')
    .option('--out <FILE>', 'write here instead of standard output')
    .action(async (options: NamesOptions) => {
      const { namesCommand } = await import('./names.ts')
      done(await filesOnly(io, () => namesCommand(options, io)))
    })
  program
    .command('identity')
    .description('Make a key file for --identity, readable by its owner only, and print its peer id and public key.')
    .requiredOption('--out <FILE>', 'where the key goes; an existing file is never written over')
    .action(async (options: { out: string }) => {
      const { identityCommand } = await import('./identity.ts')
      done(await filesOnly(io, () => identityCommand(options, io)))
    })
}

function createProgram(io: CommandIo, done: Done): Command {
  const program = new Command('leanmesh')
  program
    .description('Joins the gossip network of a Lean Ethereum client and publishes the size of its gossipsub mesh.')
    .version(`leanmesh ${version}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(io.stdout.columns ?? HELP_WIDTH, HELP_WIDTH) })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(terminalText(text).replace(/^error: /, 'leanmesh: ')),
    })
    .addHelpText(
      'after',
      '\nEach setting is a flag, a LEANMESH_ variable and a YAML key: `leanmesh run --help` lists them.',
    )
  addSidecarCommands(program, io, done)
  addFileCommands(program, io, done)
  addConformanceCommand(program, io, done)
  addExplainCommand(program, io, done)
  addProbeCommand(program, io, done)
  return program
}

function isDebug(args: readonly string[], io: CommandIo): boolean {
  const asked = args.some(
    (arg, index) => arg === '--log-level=debug' || (arg === 'debug' && args[index - 1] === '--log-level'),
  )
  return asked || io.env['LEANMESH_LOG_LEVEL'] === 'debug'
}

/**
 * Runs one command line and gives its exit code. Never rejects.
 *
 * @param args without the program's own name
 */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number> {
  let code = EXIT_OK
  try {
    await createProgram(io, (exitCode) => (code = exitCode)).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    // Commander has already printed the help, the version or what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_BAD_INPUT
    return reportError(error, io, isDebug(args, io))
  }
}
