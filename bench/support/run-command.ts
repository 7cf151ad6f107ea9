import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../test/support/free-port.ts'
import { exitOnSignals } from './exit-on-signals.ts'
import { childrenOf } from './process-figures.ts'
import { LISTEN } from './sidecar-options.ts'
import { createScraper, type Scraper } from './scraper.ts'

export interface RunOptions {
  node: string
  nodeFlags: readonly string[]
  /** The file of the command `leanmesh`. */
  main: string
  /** Multiaddrs with `/p2p/`. */
  peers: readonly string[]
  /** Of the network; by default it listens to QUIC on loopback. */
  args?: readonly string[]
}

/** `leanmesh run` as a process of its own. */
export interface RunningCommand extends AsyncDisposable {
  /** When it was spawned, on the clock of `performance.now()`. */
  spawnedAt: number
  url: string
  scraper: Scraper
  /** The metrics plane, then the swarm plane. */
  pids(): number[]
}

const STOP_DEADLINE_MS = 8000
const POLL_MS = 5

exitOnSignals()

export async function spawnRun(options: RunOptions): Promise<RunningCommand> {
  const { node, nodeFlags, main, peers, args = ['--listen', LISTEN.quic] } = options
  const port = await freePort()
  const flags = ['--http-port', String(port), '--log-level', 'error']
  const dial = peers.flatMap((peer) => ['--peers', peer])
  const spawnedAt = performance.now()
  const child = spawn(node, [...nodeFlags, main, 'run', ...flags, ...dial, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const url = `http://127.0.0.1:${port}/`
  const scraper = createScraper(url)
  return {
    spawnedAt,
    url,
    scraper,
    pids: () => [child.pid ?? 0, ...childrenOf(child.pid ?? 0)],
    async [Symbol.asyncDispose]() {
      scraper[Symbol.dispose]()
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Scrapes until an answer satisfies the predicate, and gives the milliseconds since the spawn. */
export async function millisecondsUntil(
  { spawnedAt, scraper }: RunningCommand,
  predicate: (body: string) => boolean,
  deadlineMs = 20_000,
): Promise<number> {
  for (;;) {
    // Until it listens, connections are refused.
    const body = await scraper.scrape().then(
      (scrape) => scrape.body,
      () => undefined,
    )
    const elapsedMs = performance.now() - spawnedAt
    if (body !== undefined && predicate(body)) return elapsedMs
    if (elapsedMs > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${String(predicate)}`)
    await delay(POLL_MS)
  }
}
