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
export const READ_BYTES = 256 * 1024

/** All sockets': what was read is dealt with before the next read, of whichever socket. libuv knows its address, so it is never let go. */
let shared: Uint8Array | undefined

/**
 * Node reads a socket into 64 KiB that are new each time. Here all sockets read into the same memory, and more at a time. Where a Node keeps
 * these things elsewhere, it reads as it always does.
 *
 * @param reader keeps nothing of what it is given: it is overwritten
 */
export function readIntoOneBuffer(reader: SocketReader): void {
  const socket: unknown = Reflect.get(reader, 'socket')
  // Not tried on Windows, where memory may be asked for before there is something to read.
  if (!(socket instanceof Socket) || process.platform === 'win32') return
  const handle: unknown = Reflect.get(socket, '_handle')
  const [bufferKey, callbackKey, makerKey] = ['kBuffer', 'kBufferCb', 'kBufferGen'].map((name) => unset(socket, name))
  if (!isHandle(handle) || !bufferKey || !callbackKey || !makerKey) return
  const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES))
  handle.useUserBuffer(buffer)
  Reflect.set(socket, bufferKey, buffer)
  Reflect.set(socket, callbackKey, (bytes: number) => {
    const data = buffer.subarray(0, bytes)
    // What the socket holds already goes first, and while it is paused; it says when it holds enough.
    if (socket.isPaused() || socket.readableLength > 0) return socket.push(Buffer.from(data))
    reader.onData(data)
    if (bytes < READ_BYTES) return true
    // libuv would read again at once, up to 32 times. First others have their turn.
    setImmediate(() => socket.read(0))
    return false
  })
}

function isHandle(handle: unknown): handle is Handle {
  return typeof handle === 'object' && handle !== null && typeof Reflect.get(handle, 'useUserBuffer') === 'function'
}

/** The symbol of that name under which a socket has nothing yet. */
function unset(socket: Socket, name: string): symbol | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)
  return symbol && Reflect.get(socket, symbol) === null ? symbol : undefined
}
