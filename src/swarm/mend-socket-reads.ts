import { Socket } from 'node:net'

/** What reads a socket: js libp2p's TCP connection. */
interface SocketReader {
  onData(data: Uint8Array): void
}

/** The part of libuv's handle that Node's `onread` option uses; a socket that was accepted cannot be given the option. */
interface Handle {
  useUserBuffer(buffer: Uint8Array): void
}

/** Four frames of Noise: one that lies in two reads is copied. */
const READ_BYTES = 256 * 1024

/** All sockets': what was read is dealt with before the next read, of whichever socket. */
let shared: Uint8Array | undefined

/**
 * Node reads a socket into 64 KiB that are new each time, which is 3 MB for a block that three peers send. Here all sockets read into the
 * same memory, and more at a time. Where a Node keeps these things elsewhere, it reads as it always does.
 *
 * @param reader keeps nothing of what it is given: it is overwritten
 */
export function readIntoOneBuffer(reader: SocketReader): void {
  const socket: unknown = Reflect.get(reader, 'socket')
  // Windows is given the memory long before it reads into it.
  if (!(socket instanceof Socket) || process.platform === 'win32') return
  const handle: unknown = Reflect.get(socket, '_handle')
  const kept = Object.getOwnPropertySymbols(socket)
  const bufferKey = kept.find(({ description }) => description === 'kBuffer')
  const callbackKey = kept.find(({ description }) => description === 'kBufferCb')
  if (!isHandle(handle) || !bufferKey || !callbackKey) return
  const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES))
  Reflect.set(socket, callbackKey, (bytes: number) => {
    const data = buffer.subarray(0, bytes)
    // As without this: what the socket holds goes first, and one that is paused holds little.
    if (socket.isPaused() || socket.readableLength > 0) return socket.push(Buffer.from(data))
    reader.onData(data)
    return true
  })
  Reflect.set(socket, bufferKey, buffer)
  handle.useUserBuffer(buffer)
}

function isHandle(handle: unknown): handle is Handle {
  return typeof handle === 'object' && handle !== null && typeof Reflect.get(handle, 'useUserBuffer') === 'function'
}
