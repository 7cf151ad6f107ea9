/** A sidecar of a certain size, and the peers that it has. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { leanTopic } from '../../src/mesh/topics.ts'
import type { MeshDocument } from '../../src/verdict/mesh-document.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import type { Dialling } from '../crowd-subject.ts'
import { type RunningCommand, spawnRun } from './run-command.ts'
import { LISTEN } from './sidecar-options.ts'
import { sum } from './statistics.ts'
import { startSubject, type Subject } from './subject.ts'

export interface GrowthSize {
  /** Peers in each network that dial the sidecar; it takes no more than 300, and of one host half. */
  inbound: number
  /** Peers in each network that the sidecar dials, as its settings say. */
  dialled: number
  topics: number
  names: number
  networks: number
  /** Each scrapes once a second. */
  scrapers: number
}

/** Before it starts: its settings are written, and the peers that it dials listen. */
export interface PreparedSidecar extends AsyncDisposable {
  /** Resolves when it listens; it ends with what was prepared for it. */
  start(): Promise<GrowthSidecar>
}

export interface GrowthSidecar {
  size: GrowthSize
  command: RunningCommand
  /** Has the others dial it, and resolves when all peers are connected, or when a busy machine had time enough. */
  join(): Promise<void>
  connected(): Promise<number>
}

/** Two hosts for the sidecar: who dials the second comes from it. */
const LISTENS = [LISTEN.quic, '/ip6/::1/udp/0/quic-v1']
const DEADLINE_MS = 120_000
const FORK = '12345678'

export async function prepareSidecar(
  size: GrowthSize,
  { main, node }: { main: string; node: string },
): Promise<PreparedSidecar> {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await temporaryFolder())
  // Equally long, as the names are: a longer text is no growth.
  const topics = ['block', ...Array.from({ length: size.topics - 1 }, (_, index) => `attestation_${10 + index}`)]
  const crowd = stack.use(await startCrowd(size, topics))
  const dialled = crowd.url.split(' ').filter((address) => address !== '')
  await writeFile(join(folder, 'leanmesh.yaml'), JSON.stringify(await settings(size, { topics, dialled, folder })))
  const args = ['--config', join(folder, 'leanmesh.yaml')]
  const resources = stack.move()
  return {
    async start() {
      const command = resources.use(await spawnRun({ node, nodeFlags: [], main, peers: [], args }))
      const listening = await untilMesh(command, ({ networks }) => networks.every(isListening))
      return {
        size,
        command,
        join: () => joinCrowd(crowd, size, { command, listening }),
        connected: async () => connectedTo(await untilMesh(command, () => true)),
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The peers of the sidecar; those that it dials listen when this is done. */
async function startCrowd({ dialled, networks }: GrowthSize, topics: readonly string[]): Promise<Subject> {
  const fullTopics = topics.map((name) => leanTopic(FORK, name)).join()
  return await startSubject({ entry: 'crowd-subject.ts', args: [String(networks * dialled), fullTopics] })
}

async function joinCrowd(
  crowd: Subject,
  { inbound, dialled }: GrowthSize,
  { command, listening }: { command: RunningCommand; listening: MeshDocument },
): Promise<void> {
  const sidecars = listening.networks.map(({ listenAddresses, peerId = '' }) => {
    return { peerId, addresses: listenAddresses.map((address) => address.replace(/\/p2p\/.*/, '')) }
  })
  await crowd.ask({ perSidecar: inbound, sidecars } satisfies Dialling)
  const isComplete = ({ networks }: MeshDocument) =>
    networks.every(({ connectedPeers }) => connectedPeers.length >= inbound + dialled)
  await untilMesh(command, isComplete).catch(() => undefined)
}

function connectedTo({ networks }: MeshDocument): number {
  return sum(networks.map(({ connectedPeers }) => connectedPeers.length))
}

function isListening({ peerId, listenAddresses }: MeshDocument['networks'][number]): boolean {
  return peerId !== undefined && listenAddresses.length === LISTENS.length
}

async function settings(
  size: GrowthSize,
  { topics, dialled, folder }: { topics: readonly string[]; dialled: readonly string[]; folder: string },
): Promise<object> {
  const share = dialled.length / size.networks
  const networks = Array.from({ length: size.networks }, (_, index) => ({
    name: `n${index}`,
    listen: LISTENS,
    topics,
    peers: dialled.slice(index * share, (index + 1) * share),
  }))
  if (size.names === 0) return { networks }
  const names: Record<string, string> = {}
  for (let index = 0; index < size.names; index++) {
    names[peerIdFromPrivateKey(await generateKeyPair('secp256k1')).toString()] = `zeam_${1000 + index}`
  }
  const file = join(folder, 'names.json')
  await writeFile(file, JSON.stringify(names))
  return { networks, names: file }
}

async function untilMesh(command: RunningCommand, isIt: (mesh: MeshDocument) => boolean): Promise<MeshDocument> {
  const deadline = performance.now() + DEADLINE_MS
  while (performance.now() < deadline) {
    // Until it listens, connections are refused.
    const response = await fetch(new URL('v1/mesh', command.url)).catch(() => undefined)
    if (response?.ok) {
      const mesh = (await response.json()) as MeshDocument
      if (isIt(mesh)) return mesh
    }
    await delay(200)
  }
  throw new Error(`not within ${DEADLINE_MS} ms: ${String(isIt)}`)
}
