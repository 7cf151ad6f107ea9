import { randomBytes } from 'node:crypto'
import { defaultTopicNames, leanTopic } from '../../../src/mesh/topics.ts'
import { type RealPeer, type RealPeerKind, startRealPeer } from '../../support/real-peer.ts'
import { DatagramLink } from './datagram-link.ts'
import type { Link } from './link-fault.ts'
import { StreamLink } from './stream-link.ts'

const TOPICS = defaultTopicNames(1).map((name) => leanTopic('12345678', name))
export const [BLOCK = ''] = TOPICS

export type Transport = 'quic' | 'tcp'
export type MemberKind = readonly [name: string, kind: RealPeerKind, transport: Transport]

export const LISTEN = { quic: '/ip4/127.0.0.1/udp/0/quic-v1', tcp: '/ip4/127.0.0.1/tcp/0' }

/** A peer with a key of its own, which may go and come back elsewhere behind its link. */
export class Member implements AsyncDisposable {
  readonly name: string
  readonly transport: Transport
  readonly link: Link
  readonly #kind: RealPeerKind
  readonly #key: string
  #peer: RealPeer

  private constructor(name: string, kind: RealPeerKind, transport: Transport, started: Started) {
    this.name = name
    this.#kind = kind
    this.transport = transport
    this.#key = started.key
    this.#peer = started.peer
    this.link = started.link
  }

  static async start([name, kind, transport]: MemberKind, random: () => number): Promise<Member> {
    const key = randomBytes(32).toString('hex')
    const peer = await startMember(kind, transport, key)
    const open = transport === 'quic' ? DatagramLink : StreamLink
    return new Member(name, kind, transport, { key, peer, link: await open.open(portOf(peer), random) })
  }

  get peer(): RealPeer {
    return this.#peer
  }

  /** Where the sidecar finds it. */
  get address(): string {
    const transport = this.transport === 'quic' ? `udp/${this.link.port}/quic-v1` : `tcp/${this.link.port}`
    return `/ip4/127.0.0.1/${transport}/p2p/${this.#peer.peerId}`
  }

  /** Ends without a word. */
  async kill(): Promise<void> {
    await this.#peer.kill()
  }

  async comeBack(): Promise<void> {
    this.#peer = await startMember(this.#kind, this.transport, this.#key)
    this.link.upstreamPort = portOf(this.#peer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer.kill()
    await this.link[Symbol.asyncDispose]()
  }
}

interface Started {
  key: string
  peer: RealPeer
  link: Link
}

async function startMember(kind: RealPeerKind, transport: Transport, key: string): Promise<RealPeer> {
  return await startRealPeer(kind, { key, topics: TOPICS, listen: [LISTEN[transport]], quietMessages: true })
}

function portOf({ addresses }: RealPeer): number {
  return Number(/\/(?:udp|tcp)\/(\d+)/.exec(addresses[0] ?? '')?.[1])
}

/** The table of names, as `leanmesh names` writes it. */
export function namesOf(members: readonly Member[]): string {
  return JSON.stringify(Object.fromEntries(members.map(({ name, peer }) => [peer.peerId, name])))
}
