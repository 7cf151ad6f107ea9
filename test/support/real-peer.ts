/** A gossip peer on rust-libp2p or go-libp2p, in its own process. Flags and protocol: test/peers/README.md. */
import { toolPath } from '../../tools/tool-path.ts'
import { JsonLinesProcess } from './json-lines-process.ts'
import type { EventOf, PeerDelays, PeerEvent, PeerMessage, PeerState, PeerStats } from './real-peer-events.ts'

export type RealPeerKind = 'rust' | 'go'

export interface RealPeerOptions {
  /** 32 bytes in hex; random by default. */
  readonly key?: string
  /** By default one QUIC port on loopback. */
  readonly listen?: readonly string[]
  readonly topics?: readonly string[]
  readonly dial?: readonly string[]
  readonly mesh?: { readonly d: number; readonly dLow: number; readonly dHigh: number }
  /** False: does not speak gossipsub. */
  readonly gossip?: boolean
  /** False: does not speak identify. Rust only. */
  readonly identify?: boolean
  /** QUIC's idle timeout. Rust only. */
  readonly idleTimeoutMs?: number
  /** After how long a connection is closed that no protocol has needed. Rust only; never by default. */
  readonly unusedTimeoutMs?: number
  /** Counts messages instead of reporting each. */
  readonly quietMessages?: boolean
  /** The binary to run, where it is not to share its pages with other peers of the kind. */
  readonly program?: string
  /** The body of its Status; without one it does not speak the protocol. */
  readonly status?: Uint8Array
}

export interface FloodOptions {
  readonly topic: string
  /** Before compression, which random bytes escape. */
  readonly bytes: number
  readonly perSecond: number
  readonly seconds: number
}

const DEFAULT_LISTEN = ['/ip4/127.0.0.1/udp/0/quic-v1']
const FLOOD_GRACE_MS = 20_000
const NOWHERE: PeerState = { event: 'state', connected: [], mesh: {}, subscribers: {} }

/** Resolves when the peer listens. Its own `--dial` addresses may not be connected yet. */
export async function startRealPeer(kind: RealPeerKind, options: RealPeerOptions = {}): Promise<RealPeer> {
  const peer = new RealPeer(kind, options)
  try {
    await peer.listening()
    return peer
  } catch (error) {
    await peer.kill()
    throw error
  }
}

export class RealPeer implements AsyncDisposable {
  readonly process: JsonLinesProcess<PeerEvent>
  #peerId = ''
  #addresses: readonly string[] = []
  #state: PeerState = NOWHERE
  readonly #statusRequests: EventOf<'status-request'>[] = []

  /** Use `startRealPeer`. */
  constructor(kind: RealPeerKind, options: RealPeerOptions) {
    const command = { program: options.program ?? toolPath(`${kind}-peer`), args: flags(options) }
    this.process = new JsonLinesProcess<PeerEvent>(`${kind} peer`, command, (event) => {
      if (event.event === 'state') this.#state = event
      if (event.event === 'status-request') this.#statusRequests.push(event)
    })
  }

  async listening(): Promise<void> {
    const { peerId, addresses } = await this.process.waitFor(isA('listening'))
    this.#peerId = peerId
    this.#addresses = addresses
  }

  get peerId(): string {
    return this.#peerId
  }

  /** With `/p2p/`. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** The last one that it told. It tells each change within 50 ms. */
  state(): PeerState {
    return this.#state
  }

  meshOf(topic: string): readonly string[] {
    return this.#state.mesh[topic] ?? []
  }

  subscribersOf(topic: string): readonly string[] {
    return this.#state.subscribers[topic] ?? []
  }

  /** The state now, if it satisfies the predicate, or the first that does. */
  async waitForState(predicate: (state: PeerState) => boolean, timeoutMs?: number): Promise<PeerState> {
    if (predicate(this.#state)) return this.#state
    const isIt = (event: PeerEvent): event is PeerState => event.event === 'state' && predicate(event)
    return await this.#next(isIt, timeoutMs).catch((error: unknown) => {
      throw new Error(`no state satisfied ${String(predicate)}`, { cause: error })
    })
  }

  /** Waits until exactly these peers are in its mesh of the topic. */
  async waitForMesh(topic: string, peerIds: readonly string[], timeoutMs?: number): Promise<void> {
    const wanted = [...peerIds].sort().join()
    await this.waitForState((state) => (state.mesh[topic] ?? []).join() === wanted, timeoutMs)
  }

  /** A message that has come, or the next one, from which the predicate chooses. */
  async waitForMessage(predicate: (message: PeerMessage) => boolean, timeoutMs?: number): Promise<PeerMessage> {
    const isIt = (event: PeerEvent): event is PeerMessage => event.event === 'message' && predicate(event)
    return await this.process.waitFor(isIt, timeoutMs === undefined ? {} : { timeoutMs })
  }

  async dial(address: string): Promise<void> {
    const isIt = (event: PeerEvent): event is EventOf<'dialed'> => event.event === 'dialed' && event.address === address
    const { ok, error } = await this.process.request({ do: 'dial', address }, isIt)
    if (!ok) throw new Error(`${this.process.name} could not dial ${address}: ${error}`)
  }

  disconnect(peer: string): void {
    this.process.send({ do: 'disconnect', peer })
  }

  subscribe(topic: string): void {
    this.process.send({ do: 'subscribe', topic })
  }

  unsubscribe(topic: string): void {
    this.process.send({ do: 'unsubscribe', topic })
  }

  /** The bytes on the wire, as they are: compress first. A rust peer fails where nobody is subscribed. */
  async publish(topic: string, wire: Uint8Array): Promise<void> {
    const { ok, error } = await this.process.request({ do: 'publish', topic, hex: hex(wire) }, isA('published'))
    if (!ok) throw new Error(`${this.process.name} could not publish on ${topic}: ${error}`)
  }

  async flood(options: FloodOptions): Promise<{ sent: number; failed: number }> {
    const timeoutMs = options.seconds * 1000 + FLOOD_GRACE_MS
    return await this.process.request({ do: 'flood', ...options }, isA('flooded'), timeoutMs)
  }

  async stats(): Promise<PeerStats> {
    return await this.process.request({ do: 'stats' }, isA('stats'))
  }

  /** Go only. */
  async delays(): Promise<PeerDelays> {
    return await this.process.request({ do: 'delays' }, isA('delays'))
  }

  async messageId(topic: string, wire: Uint8Array): Promise<string> {
    const { id } = await this.process.request({ do: 'message-id', topic, hex: hex(wire) }, isA('message-id'))
    return id
  }

  /** Sends a Status request and returns the answer. Go only. */
  async requestStatus(peer: string, body: Uint8Array = new Uint8Array()): Promise<{ code: number; hex: string }> {
    const answer = await this.process.request({ do: 'status', peer, hex: hex(body) }, isA('status'))
    if (answer.error !== undefined || answer.code === undefined || answer.hex === undefined) {
      throw new Error(`${this.process.name} got no Status of ${peer}: ${answer.error}`)
    }
    return { code: answer.code, hex: answer.hex }
  }

  /** From now on; it has to have one. */
  setStatus(body: Uint8Array): void {
    this.process.send({ do: 'set-status', hex: hex(body) })
  }

  /** What it was sent by whom, in order. */
  statusRequests(): readonly EventOf<'status-request'>[] {
    return this.#statusRequests
  }

  /** Leaves as a client that is stopped does. */
  async stop(): Promise<void> {
    await this.process.stop()
  }

  /** Leaves without a word. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.process.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #next<T extends PeerEvent>(isIt: (event: PeerEvent) => event is T, timeoutMs?: number): Promise<T> {
    const after = this.process.mark()
    return await this.process.waitFor(isIt, timeoutMs === undefined ? { after } : { after, timeoutMs })
  }
}

function isA<Name extends PeerEvent['event']>(name: Name): (event: PeerEvent) => event is EventOf<Name> {
  return (event): event is EventOf<Name> => event.event === name
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function flags(options: RealPeerOptions): string[] {
  const { mesh } = options
  const repeated = (flag: string, values: readonly string[] = []): string[] => values.flatMap((value) => [flag, value])
  return [
    ...repeated('--listen', options.listen ?? DEFAULT_LISTEN),
    ...repeated('--topic', options.topics),
    ...repeated('--dial', options.dial),
    ...(options.key === undefined ? [] : ['--key', options.key]),
    ...(mesh === undefined ? [] : ['--mesh-d', `${mesh.d},${mesh.dLow},${mesh.dHigh}`]),
    ...(options.gossip === false ? ['--no-gossip'] : []),
    ...(options.identify === false ? ['--no-identify'] : []),
    ...(options.idleTimeoutMs === undefined ? [] : ['--idle-timeout-ms', `${options.idleTimeoutMs}`]),
    ...(options.unusedTimeoutMs === undefined ? [] : ['--unused-timeout-ms', `${options.unusedTimeoutMs}`]),
    ...(options.status === undefined ? [] : ['--status', hex(options.status)]),
    ...(options.quietMessages === true ? ['--quiet-messages'] : []),
  ]
}
