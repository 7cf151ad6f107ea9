import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Link, LinkFault } from './link-fault.ts'

const LOOPBACK = '127.0.0.1'
const OVERTAKEN_MS = 40
/** A port of the sidecar's that was silent for so long is one of a swarm that ended. */
const FORGOTTEN_MS = 60_000

interface Flow {
  readonly socket: Socket
  usedAtMs: number
}

/** A UDP relay on loopback: each port that sends to it has a port of its own towards the peer. */
export class DatagramLink implements Link {
  readonly port: number
  upstreamPort: number
  fault: LinkFault = {}
  readonly #front: Socket
  readonly #random: () => number
  readonly #flows = new Map<number, Flow>()
  readonly #late = new Set<NodeJS.Timeout>()

  private constructor(front: Socket, upstreamPort: number, random: () => number) {
    this.#front = front
    this.#random = random
    this.port = front.address().port
    this.upstreamPort = upstreamPort
    front.on('message', (datagram, { port }) => {
      const flow = this.#flowOf(port)
      this.#pass(() => flow.socket.send(datagram, this.upstreamPort, LOOPBACK, ignore))
    })
  }

  static async open(upstreamPort: number, random: () => number): Promise<DatagramLink> {
    const front = createSocket('udp4').bind(0, LOOPBACK)
    await once(front, 'listening')
    return new DatagramLink(front, upstreamPort, random)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer)
    for (const { socket } of this.#flows.values()) socket.close()
    this.#flows.clear()
    this.#front.close()
  }

  #flowOf(clientPort: number): Flow {
    const known = this.#flows.get(clientPort)
    if (known) {
      known.usedAtMs = performance.now()
      return known
    }
    this.#forget()
    const socket = createSocket('udp4').bind(0, LOOPBACK)
    // A port where nobody listens any more answers by ICMP; the relay goes on.
    socket.on('error', ignore)
    socket.on('message', (datagram) => this.#pass(() => this.#front.send(datagram, clientPort, LOOPBACK, ignore)))
    const flow = { socket, usedAtMs: performance.now() }
    this.#flows.set(clientPort, flow)
    return flow
  }

  #forget(): void {
    for (const [port, { socket, usedAtMs }] of this.#flows) {
      if (performance.now() - usedAtMs < FORGOTTEN_MS) continue
      socket.close()
      this.#flows.delete(port)
    }
  }

  #pass(send: () => void): void {
    const { isCut = false, loss = 0, delayMs = 0, reordering = 0 } = this.fault
    if (isCut || this.#random() < loss) return
    const lateMs = delayMs + (this.#random() < reordering ? OVERTAKEN_MS : 0)
    if (lateMs === 0) return send()
    const timer = setTimeout(() => {
      this.#late.delete(timer)
      send()
    }, lateMs)
    this.#late.add(timer)
  }
}

function ignore(): void {}
