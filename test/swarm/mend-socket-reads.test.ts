import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { READ_BYTES, readIntoOneBuffer } from '../../src/swarm/mend-socket-reads.ts'

const MIB = 1024 * 1024
const message = (bytes: number, kind: number) => Buffer.alloc(bytes, kind)

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

/** A socket that a server accepted, and the other end of it. */
async function accept() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const peer = connect(port, '127.0.0.1')
  const [socket] = await accepted
  onTestFinished(() => {
    for (const each of [socket, peer]) each.destroy()
    server.close()
  })
  return { socket, peer }
}

type Reader = Parameters<typeof readIntoOneBuffer>[0]

/** Takes down what a reader of a socket is given. */
function takeDown(socket: Socket) {
  const given: Buffer[] = []
  const memory = new Set<ArrayBufferLike>()
  const onData = (data: Uint8Array) => {
    given.push(Buffer.from(data))
    memory.add(data.buffer)
  }
  return { given, memory, reader: { socket, onData } as Reader }
}

/** Reads a socket as js libp2p's TCP does, and into the one buffer. */
function read(socket: Socket) {
  const { given, memory, reader } = takeDown(socket)
  socket.on('data', reader.onData)
  readIntoOneBuffer(reader)
  return { given, memory, bytes: () => Buffer.concat(given) }
}

it('two sockets are read into the same memory', async () => {
  const readers = [await accept(), await accept()].map(({ socket, peer }) => ({ peer, ...read(socket) }))
  for (const { peer, bytes } of readers) {
    peer.write('some')
    await expect.poll(() => bytes().toString()).toBe('some')
  }
  const [one = new Set(), other = new Set()] = readers.map(({ memory }) => memory)
  expect(one.size).toBe(1)
  expect([...one][0]).toBe([...other][0])
})

it('what a socket held before comes first', async () => {
  const { socket, peer } = await accept()
  peer.write('first ')
  await expect.poll(() => socket.readableLength).toBe('first '.length)
  // Nobody listens to it: Node reads on, as far as it holds.
  const { given, reader } = takeDown(socket)
  readIntoOneBuffer(reader)
  peer.write('second ')
  await expect.poll(() => socket.readableLength + given.length).toBe('first second '.length)
  socket.on('data', reader.onData)
  peer.write('third')
  await expect.poll(() => Buffer.concat(given).toString()).toBe('first second third')
})

it('a socket that was paused before holds no more than it would, and all of it comes', async () => {
  const { socket, peer } = await accept()
  socket.pause()
  const reader = read(socket)
  const large = message(4 * MIB, 1)
  peer.write(large)
  await expect.poll(() => socket.readableLength).toBeGreaterThanOrEqual(socket.readableHighWaterMark)
  await turns(10)
  expect(socket.readableLength).toBeLessThan(MIB)
  expect(reader.given).toEqual([])
  socket.resume()
  await expect.poll(() => reader.bytes().length, { timeout: 5000 }).toBe(large.length)
  expect(reader.bytes().equals(large)).toBe(true)
})

it('a socket that is paused is not read, and goes on where it was', async () => {
  const { socket, peer } = await accept()
  const reader = read(socket)
  peer.write('first ')
  await expect.poll(() => reader.bytes().toString()).toBe('first ')
  socket.pause()
  const { bytesRead } = socket
  const large = message(16 * MIB, 1)
  peer.write(large)
  await turns(10)
  expect(socket.bytesRead).toBe(bytesRead)
  socket.resume()
  await expect.poll(() => reader.bytes().length, { timeout: 5000 }).toBe('first '.length + large.length)
  expect(reader.bytes().subarray('first '.length).equals(large)).toBe(true)
})

it('a socket that always has more is read once in a turn, and to its end', async () => {
  const { socket, peer } = await accept()
  const reader = read(socket)
  socket.pause()
  const large = message(16 * MIB, 1)
  peer.end(large)
  await turns(10)
  socket.resume()
  let most = 0
  for (let left = 100_000; left > 0 && !socket.readableEnded; left--) {
    const before = reader.given.length
    await turns(1)
    const bytes = reader.given.slice(before).reduce((sum, { length }) => sum + length, 0)
    most = Math.max(most, bytes)
  }
  expect(reader.bytes().equals(large)).toBe(true)
  expect(most).toBeLessThanOrEqual(READ_BYTES)
})

/** As Node does when a read has filled the memory, which the kernel does when it likes. */
function readFull(socket: Socket): void {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kBufferCb') ?? ''
  const handle = Reflect.get(socket, '_handle') as { reading: boolean; readStop(): void }
  const callback = Reflect.get(socket, key) as (bytes: number) => boolean
  handle.reading = callback(READ_BYTES)
  if (!handle.reading) handle.readStop()
}

it('a read that fills the memory is the last one of its turn', async () => {
  const { socket, peer } = await accept()
  const reader = read(socket)
  await turns(3)
  readFull(socket)
  expect(reader.given.map(({ length }) => length)).toEqual([READ_BYTES])
  expect((Reflect.get(socket, '_handle') as { reading: boolean }).reading).toBe(false)
  peer.write('more')
  await expect.poll(() => reader.given.at(-1)?.toString()).toBe('more')
})

it('a socket that is paused in the turn of such a read gives nothing, and one that is ended then is left alone', async () => {
  const [{ socket, peer }, ended] = [await accept(), await accept()]
  const reader = read(socket)
  read(ended.socket)
  await turns(3)
  readFull(socket)
  socket.pause()
  readFull(ended.socket)
  ended.socket.destroy()
  peer.write('more')
  await turns(10)
  expect(reader.given).toHaveLength(1)
  socket.resume()
  await expect.poll(() => reader.given.at(-1)?.toString()).toBe('more')
})

it('a socket that its reader ends in the middle gives nothing more', async () => {
  const { socket, peer } = await accept()
  const { given, reader } = takeDown(socket)
  const destroyed = once(socket, 'close')
  readIntoOneBuffer({
    ...reader,
    onData(data) {
      reader.onData(data)
      socket.destroy()
    },
  })
  socket.resume()
  peer.on('error', () => undefined)
  peer.write(message(4 * MIB, 1))
  await destroyed
  expect(given).toHaveLength(1)
})

it('the end of a socket is told as ever', async () => {
  const { socket, peer } = await accept()
  const reader = read(socket)
  const ended = once(socket, 'end')
  peer.end('all')
  await ended
  expect(reader.bytes().toString()).toBe('all')
})

it('what has no socket is left alone', () => {
  expect(() => readIntoOneBuffer({ onData: () => undefined })).not.toThrow()
})

it('a Node that keeps its buffer elsewhere reads as it always did', async () => {
  const { socket, peer } = await accept()
  Object.defineProperty(Reflect.get(socket, '_handle'), 'useUserBuffer', { value: undefined })
  const reader = read(socket)
  peer.write('all')
  await expect.poll(() => reader.bytes().toString()).toBe('all')
})

it('a socket that was given a buffer of its own is read into that', async () => {
  const server = createServer((socket) => void socket.end('all')).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const callback = vi.fn<(bytes: number, buffer: Uint8Array) => boolean>(() => true)
  const socket = connect({ port, host: '127.0.0.1', onread: { buffer: () => Buffer.alloc(64), callback } })
  const reader = read(socket)
  await once(socket, 'end')
  expect(callback.mock.calls.map(([bytes]) => bytes)).toEqual(['all'.length])
  expect(reader.given).toEqual([])
})
