import { noise } from '@chainsafe/libp2p-noise'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, vi } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { quickNoise, writeTogether } from '../../src/swarm/mend-noise.ts'

type Components = Parameters<ReturnType<typeof noise>>[0]
type Cipher = (data: Uint8Array | Uint8ArrayList, nonce: Uint8Array, associated: Uint8Array, key: Uint8Array) => Bytes
interface Bytes {
  subarray(): Uint8Array
}
interface Ciphers {
  encrypt: Cipher
  decrypt: Cipher
}

const privateKey = await swarmKey(undefined)
const peerId = peerIdFromPrivateKey(privateKey)
const components = { privateKey, peerId, logger: defaultLogger(), upgrader: {} } as unknown as Components
const ciphersOf = (encrypter: object): Ciphers => Reflect.get(encrypter, 'crypto') as Ciphers
const quick = ciphersOf(quickNoise()(components))
const stock = ciphersOf(noise()(components))

const NONCE = new Uint8Array(12).fill(3)
const ASSOCIATED = new Uint8Array()
const KEY = new Uint8Array(32).fill(9)
/** Around the size from which on the quick ones are used, and beyond it. */
const LENGTHS = fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 1100, max: 1300 }))

function listOf(data: Uint8Array, at: number): Uint8ArrayList {
  return new Uint8ArrayList(data.subarray(0, at), data.subarray(at))
}

describe('quick noise', () => {
  it('makes the bytes that js noise makes, and reads them, in one piece or several', () => {
    fc.assert(
      fc.property(LENGTHS, fc.nat(), (length, cut) => {
        const data = Uint8Array.from({ length }, (_, index) => index % 251)
        const pieces = listOf(data, cut % (length + 1))
        const expected = Buffer.from(stock.encrypt(data, NONCE, ASSOCIATED, KEY).subarray())
        for (const plain of [data, pieces]) {
          expect(expected.equals(quick.encrypt(plain, NONCE, ASSOCIATED, KEY).subarray())).toBe(true)
        }
        for (const encrypted of [Buffer.from(expected), listOf(Buffer.from(expected), cut % (length + 1))]) {
          expect(Buffer.from(data).equals(quick.decrypt(encrypted, NONCE, ASSOCIATED, KEY).subarray())).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('refuses what somebody changed on the way, or encrypted with another key', () => {
    for (const length of [100, 1200, 5000]) {
      const encrypted = quick.encrypt(new Uint8Array(length), NONCE, ASSOCIATED, KEY).subarray()
      const changed = Uint8Array.from(encrypted)
      changed[length - 1] = (changed[length - 1] ?? 0) ^ 1
      expect(() => quick.decrypt(changed, NONCE, ASSOCIATED, KEY)).toThrow()
      expect(() => quick.decrypt(Uint8Array.from(encrypted), NONCE, ASSOCIATED, new Uint8Array(32))).toThrow()
    }
  })
})

describe('an encrypted connection', () => {
  /** What a socket is given, in calls of the kernel. */
  class FakeSocket {
    readonly calls: Uint8Array[][] = []
    #corked: Uint8Array[] | undefined
    cork(): void {
      this.#corked = []
    }
    write(part: Uint8Array): void {
      if (this.#corked) this.#corked.push(part)
      else this.calls.push([part])
    }
    uncork(): void {
      this.calls.push(this.#corked ?? [])
      this.#corked = undefined
    }
  }

  function connect(parts: Uint8ArrayList) {
    const socket = new FakeSocket()
    const sendData = (data: Iterable<Uint8Array>) => {
      for (const part of data) socket.write(part)
      return 'sent'
    }
    const connection = { encrypt: (): unknown => parts, stream: { socket, sendData } }
    writeTogether(connection)
    return connection
  }

  it('writes a small frame in one piece', () => {
    const connection = connect(new Uint8ArrayList(Uint8Array.of(0, 2), Uint8Array.of(7, 8)))
    expect(connection.encrypt()).toEqual(Uint8Array.of(0, 2, 7, 8))
  })

  it('writes a large one in one call, and does not copy it', () => {
    const [length, body, tag] = [Uint8Array.of(39, 16), new Uint8Array(10_000), new Uint8Array(16)]
    const parts = new Uint8ArrayList(length, body, tag)
    const connection = connect(parts)
    expect(connection.encrypt()).toBe(parts)
    expect(connection.stream.sendData(parts)).toBe('sent')
    expect(connection.stream.socket.calls).toHaveLength(1)
    expect(connection.stream.socket.calls[0]?.[1]).toBe(body)
  })

  it('holds nothing back when a write fails', () => {
    const connection = connect(new Uint8ArrayList())
    const failing = (function* () {
      yield Uint8Array.of(1)
      throw new Error('closed')
    })()
    expect(() => connection.stream.sendData(failing)).toThrow('closed')
    expect(connection.stream.socket.calls).toEqual([[Uint8Array.of(1)]])
  })

  it('cannot be mended where it writes elsewhere, and that is said', () => {
    const [encrypt, sendData, cork, uncork] = [
      vi.fn<() => void>(),
      vi.fn<() => void>(),
      vi.fn<() => void>(),
      vi.fn<() => void>(),
    ]
    const others = [
      {},
      { encrypt },
      { stream: { sendData, socket: { cork, uncork } } },
      { encrypt, stream: { socket: { cork, uncork } } },
      { encrypt, stream: { sendData } },
      { encrypt, stream: { sendData, socket: { uncork } } },
      { encrypt, stream: { sendData, socket: { cork } } },
    ]
    for (const other of others) expect(() => writeTogether(other)).toThrow('writes in another way')
  })
})
