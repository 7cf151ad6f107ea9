import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Link, LinkFault } from './link-fault.ts'

const LOOPBACK = '127.0.0.1'
/** What Linux waits at least before it sends again. */
const REPEATED_MS = 200
const LOOK_AGAIN_MS = 50

/** A TCP relay on loopback. Cut, it holds what it got, as a network does that a sender hears nothing of. */
export class StreamLink implements Link {
  readonly port: number
  upstreamPort: number
  fault: LinkFault = {}
  readonly #server: Server
  readonly #random: () => number
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, upstreamPort: number, random: () => number) {
    this.#server = server
    this.#random = random
    this.port = (server.address() as AddressInfo).port
    this.upstreamPort = upstreamPort
    server.on('connection', (near) => this.#join(near))
  }

  static async open(upstreamPort: number, random: () => number): Promise<StreamLink> {
    const server = createServer().listen(0, LOOPBACK)
    await once(server, 'listening')
    return new StreamLink(server, upstreamPort, random)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(near: Socket): void {
    const far = connect(this.upstreamPort, LOOPBACK)
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.once('close', () => this.#sockets.delete(socket))
    }
    void this.#carry(near, far)
    void this.#carry(far, near)
  }

  /** In order, one piece after the other; the end of one side is the end of the other. */
  async #carry(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from) {
        const cameAtMs = performance.now()
        while (this.fault.isCut === true && !to.destroyed) await pause(LOOK_AGAIN_MS)
        const lateMs = cameAtMs + this.#delayMs() - performance.now()
        if (lateMs > 0) await pause(lateMs)
        to.write(piece as Buffer)
      }
    } catch {
      // A reset is passed on as an end.
    }
    // The end of a connection does not pass a cut either: its other side goes on believing in it.
    while (this.fault.isCut === true && !to.destroyed) await pause(LOOK_AGAIN_MS)
    to.destroy()
  }

  #delayMs(): number {
    const { loss = 0, delayMs = 0 } = this.fault
    return delayMs + (this.#random() < loss ? REPEATED_MS : 0)
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
