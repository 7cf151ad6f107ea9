import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { Uint8ArrayList } from 'uint8arraylist'

type Encrypter = ReturnType<ReturnType<typeof noise>>
type NoiseComponents = Parameters<ReturnType<typeof noise>>[0]

/** An array, or libp2p's list of arrays. */
interface Bytes {
  readonly byteLength: number
  subarray(start?: number, end?: number): Uint8Array
}

type Cipher = (data: Bytes, nonce: Uint8Array, associated: Uint8Array, key: Uint8Array, target?: Uint8Array) => Bytes

interface NoiseCrypto {
  encrypt: Cipher
  decrypt: Cipher
}

const CIPHER = 'chacha20-poly1305'
const TAG_BYTES = 16

/** Below this js noise uses WebAssembly, which is faster there. */
const NATIVE_BYTES = 1200

function hasCiphers(crypto: unknown): crypto is NoiseCrypto {
  if (typeof crypto !== 'object' || crypto === null) return false
  return typeof Reflect.get(crypto, 'encrypt') === 'function' && typeof Reflect.get(crypto, 'decrypt') === 'function'
}

/**
 * Noise with less to do for a large frame. js noise 17 gives Node the bare key each time, of which Node 24 makes a key object
 * each time, for as long as it then encrypts 16 KiB; and it encrypts each array of a list by itself.
 *
 * @throws Error when this js noise keeps its ciphers elsewhere: then this piece has to be looked at again
 */
export function quickNoise(): (components: NoiseComponents) => Encrypter {
  const create = noise()
  return (components) => {
    const encrypter = create(components)
    const crypto: unknown = Reflect.get(encrypter, 'crypto')
    if (!hasCiphers(crypto)) throw new Error('this noise keeps its ciphers elsewhere')
    const { encrypt, decrypt } = crypto
    const keyObject = createKeyObjects()
    crypto.encrypt = (data, nonce, associated, key) => {
      if (data.byteLength < NATIVE_BYTES) return encrypt(data, nonce, associated, key)
      const cipher = createCipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(associated, { plaintextLength: data.byteLength })
      const encrypted = new Uint8ArrayList()
      for (const part of partsOf(data)) encrypted.append(cipher.update(part))
      cipher.final()
      encrypted.append(cipher.getAuthTag())
      return encrypted
    }
    crypto.decrypt = (data, nonce, associated, key, target) => {
      if (data.byteLength < NATIVE_BYTES) return decrypt(data, nonce, associated, key, target)
      const encrypted = data.subarray()
      const end = encrypted.length - TAG_BYTES
      const decipher = createDecipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(associated, { plaintextLength: end })
      decipher.setAuthTag(encrypted.subarray(end))
      const plain = decipher.update(encrypted.subarray(0, end))
      // Throws when somebody changed what was sent.
      decipher.final()
      return plain
    }
    return encrypter
  }
}

function partsOf(data: Bytes): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : (data as Uint8ArrayList)
}

/** Of the keys of a connection, for as long as it has them. */
function createKeyObjects(): (key: Uint8Array) => KeyObject {
  const known = new WeakMap<Uint8Array, KeyObject>()
  return (key) => {
    let object = known.get(key)
    if (!object) {
      object = createSecretKey(key)
      known.set(key, object)
    }
    return object
  }
}

/** What js libp2p's TCP writes to, as Node has it: what is corked goes in one call, without being copied. */
interface Socket {
  cork(): void
  uncork(): void
}

interface EncryptedConnection {
  readonly stream: { readonly socket: Socket; sendData(data: unknown): unknown }
  encrypt(data: unknown): Bytes
}

function isEncrypted(connection: object): connection is EncryptedConnection {
  const { stream, encrypt } = connection as Partial<EncryptedConnection>
  return (
    typeof encrypt === 'function' &&
    typeof stream?.sendData === 'function' &&
    typeof stream.socket?.cork === 'function' &&
    typeof stream.socket.uncork === 'function'
  )
}

/** What is joined: copying more than that takes longer than telling the kernel where its parts are. */
const JOINED_BYTES = 8 * 1024

/**
 * js noise and js libp2p's TCP write each part of a frame by itself, four to a large frame: a system call and a packet each.
 *
 * @throws Error when this js noise or js TCP writes elsewhere: then this piece has to be looked at again
 */
export function writeTogether(connection: object): void {
  if (!isEncrypted(connection)) throw new Error('this noise, or its TCP, writes in another way')
  const { stream } = connection
  const encrypt = connection.encrypt.bind(connection)
  const sendData = stream.sendData.bind(stream)
  connection.encrypt = (data) => {
    const parts = encrypt(data)
    return parts.byteLength <= JOINED_BYTES ? parts.subarray() : parts
  }
  stream.sendData = (data) => {
    stream.socket.cork()
    try {
      return sendData(data)
    } finally {
      stream.socket.uncork()
    }
  }
}
