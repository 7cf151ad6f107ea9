/** What `footprint.ts` compares: programs that take part in the same mesh, each as a process or two of its own. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRealPeer } from '../../test/support/real-peer.ts'
import { toolPath } from '../../tools/tool-path.ts'
import { spawnRun } from './run-command.ts'
import type { Scraper } from './scraper.ts'
import { LISTEN, type Transport } from './sidecar-options.ts'

export const OBSERVER_KINDS = ['sidecar', 'go', 'rust'] as const
export type ObserverKind = (typeof OBSERVER_KINDS)[number]

export interface ObserverOptions {
  transport: Transport
  topic: string
  /** Multiaddrs with `/p2p/`, all of them dialled. */
  peers: readonly string[]
  /** The sidecar as it is published, and the Node that runs it. */
  main: string
  node: string
}

export interface Observer extends AsyncDisposable {
  /** Of the sidecar the metrics plane, then the swarm plane. */
  pids(): number[]
  /** Only the sidecar has metrics. */
  scraper?: Scraper
}

/** go-libp2p prunes down to D as soon as it has D_high: of twelve it would keep eight, and serve four by gossip alone. */
const MESH_OF_GO = { d: 8, dLow: 6, dHigh: 13 }

export async function startObserver(kind: ObserverKind, options: ObserverOptions): Promise<Observer> {
  if (kind === 'sidecar') return startSidecarObserver(options)
  const { transport, topic, peers } = options
  // The neighbours are Go peers too: a copy of the binary shares no pages with them.
  const folder = mkdtempSync(join(tmpdir(), 'leanmesh-bench-'))
  const program = join(folder, `${kind}-peer`)
  copyFileSync(toolPath(`${kind}-peer`), program)
  const peer = await startRealPeer(kind, {
    listen: [LISTEN[transport]],
    topics: [topic],
    dial: peers,
    quietMessages: true,
    program,
    ...(kind === 'go' && { mesh: MESH_OF_GO }),
  })
  return {
    pids: () => [peer.process.pid ?? 0],
    async [Symbol.asyncDispose]() {
      await peer.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startSidecarObserver({ transport, peers, main, node }: ObserverOptions): Promise<Observer> {
  const args = ['--listen', LISTEN[transport], '--topics', 'block']
  const command = await spawnRun({ node, nodeFlags: [], main, peers, args })
  return {
    pids: () => command.pids(),
    scraper: command.scraper,
    [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
  }
}
