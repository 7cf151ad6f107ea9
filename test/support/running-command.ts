import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const DOCKERFILE = join(import.meta.dirname, '../../Dockerfile')
const STATUS_PAGE = /status page: (\S+)/

export interface RunningCommand extends AsyncDisposable {
  pid: number
  /** Of its status page, with a slash at its end. */
  url: string
  /** Everything that it has printed so far, on both streams. */
  printed(): string
  /** Fulfils once it has printed a text that matches. */
  untilPrinted(pattern: RegExp): Promise<void>
}

/** The image's options of Node, but for its limits: a checkout needs more memory than compiled code. */
function hardeningOptions(): string {
  const options = /^ENV NODE_OPTIONS="(.+)"$/m.exec(readFileSync(DOCKERFILE, 'utf8'))?.[1]?.split(' ') ?? []
  return options.filter((option) => option.startsWith('--dis')).join(' ')
}

/** `leanmesh run` with these flags and variables, as hard as in the image, in a process of its own, at a port of the system's choice. */
export async function startCommand(flags: readonly string[], env: Record<string, string>): Promise<RunningCommand> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:LEANMESH|OTEL)_/.test(name)))
  const args = [MAIN, 'run', '--http-port', '0', '--listen', '/ip4/127.0.0.1/udp/0/quic-v1', ...flags]
  const child = spawn(process.execPath, args, {
    env: { ...clean, NODE_OPTIONS: hardeningOptions(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test that runs out of time does not come to its end.
  const killed = () => void child.kill('SIGKILL')
  process.once('exit', killed)
  child.once('exit', () => process.off('exit', killed))
  let text = ''
  const news = new EventTarget()
  const take = (chunk: Buffer): void => {
    text += chunk.toString()
    news.dispatchEvent(new Event('printed'))
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = once(child, 'exit').then(() => {
    throw new Error(`it ended: ${text}`)
  })
  ended.catch(() => undefined)
  const untilPrinted = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) await Promise.race([once(news, 'printed'), ended])
  }
  await untilPrinted(STATUS_PAGE)
  return {
    pid: child.pid ?? 0,
    url: STATUS_PAGE.exec(text)?.[1] ?? '',
    printed: () => text,
    untilPrinted,
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
