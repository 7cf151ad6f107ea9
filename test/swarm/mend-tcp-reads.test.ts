import { yamux } from '@chainsafe/libp2p-yamux'
import type { MultiaddrConnection } from '@libp2p/interface'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, vi } from 'vitest'
import { readDirectly } from '../../src/swarm/mend-tcp-reads.ts'
import {
  connect,
  DATA,
  header,
  HEADER_BYTES,
  type Layer,
  NO_TYPE,
  PING,
  received,
  WINDOW_UPDATE,
} from '../support/yamux-connection.ts'

const MIB = 1024 * 1024

describe('a TCP connection that is read directly', () => {
  it('brings its streams what the peer sent, whatever the pieces that it comes in', async () => {
    const piece = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1000, max: 70_000 }))
    const message = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 200_000 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.array(message, { maxLength: 4 }),
        async (sizes, lengths) => {
          const { theirs, muxer } = await connect(sizes)
          const streams = received(muxer)
          const peer = yamux()().createStreamMuxer(theirs)
          const sent: Buffer[] = []
          for (const [at, length] of lengths.entries()) {
            const stream = await peer.createStream()
            sent.push(Buffer.alloc(length, at + 1))
            stream.send(sent[at] ?? Buffer.alloc(0))
          }
          await vi.waitFor(() => expect(streams.map(({ length }) => length)).toEqual(lengths), { interval: 1 })
          expect(streams.every((bytes, at) => bytes.equals(sent[at] ?? Buffer.alloc(0)))).toBe(true)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('makes no event for what it hands on, and one for what had to wait', async () => {
    const { ours, theirs, muxer } = await connect()
    const events = vi.fn<() => void>()
    ours.addEventListener('message', events)
    const streams = received(muxer)
    const peer = yamux()().createStreamMuxer(theirs)
    const stream = await peer.createStream()
    stream.send(Buffer.from('first '))
    await vi.waitFor(() => expect(streams.join()).toBe('first '), { interval: 1 })
    expect(events).not.toHaveBeenCalled()
    const layer = ours as unknown as { readStatus: string; readBuffer: Uint8ArrayList }
    // Its own `pause` would hold back what comes at the other side.
    layer.readStatus = 'paused'
    stream.send(Buffer.from('second '))
    await vi.waitFor(() => expect(layer.readBuffer.byteLength).toBe(HEADER_BYTES + 'second '.length), { interval: 1 })
    expect(streams.join()).toBe('first ')
    layer.readStatus = 'readable'
    stream.send(Buffer.from('third'))
    await vi.waitFor(() => expect(streams.join()).toBe('first second third'), { interval: 1 })
  })

  it('takes a frame with nothing in it for no sign of life', async () => {
    const { ours, theirs, muxer } = await connect()
    const came = vi.spyOn(muxer as unknown as Layer, 'onData')
    const { stream, handshake } = theirs as unknown as {
      stream: { send(data: Uint8Array): void }
      handshake: { encrypt(data: Uint8Array): Uint8Array }
    }
    const empty = handshake.encrypt(new Uint8Array()).subarray()
    stream.send(Buffer.concat([Uint8Array.of(0, empty.length), empty, Uint8Array.of(0, 0)]))
    theirs.send(header({ type: NO_TYPE, length: 0 }))
    await vi.waitFor(() => expect(ours.status).toBe('aborted'), { interval: 1 })
    expect(came).toHaveBeenCalledTimes(1)
  })

  it('looks for no body where a length is something else', async () => {
    const { ours, theirs, muxer } = await connect()
    const streams = received(muxer)
    const first = [header({ type: WINDOW_UPDATE, length: 1000 }), header({ type: PING, length: 1000, stream: 0 })]
    theirs.send(Buffer.concat([...first, header({ type: DATA, length: 5, flag: 0 }), Buffer.from('hello')]))
    await vi.waitFor(() => expect(streams.join()).toBe('hello'), { interval: 1 })
    expect(ours.status).toBe('open')
  })

  it('ends when somebody changed a frame on its way', async () => {
    const { ours, theirs, transport } = await connect()
    const layer = transport as MultiaddrConnection & Layer
    const onData = layer.onData.bind(layer)
    layer.onData = (data) => {
      const bytes = Buffer.from(data.subarray())
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      onData(bytes)
    }
    theirs.send(new Uint8Array(100))
    await vi.waitFor(() => expect(ours.status).toBe('aborted'), { interval: 1 })
  })

  it.each([
    ['another version of yamux', header({ type: PING, length: 0, stream: 0, version: 1 })],
    ['a frame that nothing holds', header({ type: DATA, length: 16 * MIB + 1, flag: 0 })],
    ['a frame of no type', header({ type: NO_TYPE, length: 0 })],
    ['data of no stream', header({ type: DATA, length: 0, stream: 0 })],
    ['data of no stream, before they come', header({ type: DATA, length: 1000, stream: 0 })],
  ])('ends at %s', async (_, bytes) => {
    const { ours, theirs, muxer } = await connect()
    theirs.send(bytes)
    await vi.waitFor(() => expect([ours.status, muxer.status]).toEqual(['aborted', 'closed']), { interval: 1 })
  })

  it('reads on where a part of a frame came before', async () => {
    const [early, late] = [Uint8Array.of(0, 18, 7), new Uint8Array(17).fill(7)]
    const frames: Uint8Array[] = []
    const stream = {
      readStatus: 'readable',
      readBuffer: new Uint8ArrayList(),
      onData: () => undefined,
      abort: () => undefined,
    }
    const connection = {
      ...stream,
      stream: { ...stream, onData: (_data: Uint8Array): void => undefined },
      decoder: { buffer: new Uint8ArrayList(early), decode: () => [] },
      handshake: { decrypt: (data: Uint8Array) => (frames.push(data), data) },
    }
    const methods = { onData: () => undefined, handleFrame: () => undefined, handleStreamMessage: () => undefined }
    readDirectly({ ...methods, abort: () => undefined, decoder: { emitFrames: () => [] } }, connection)
    connection.stream.onData(late)
    expect(frames.map((frame) => [...frame])).toEqual([Array(18).fill(7)])
  })

  it('cannot be mended where it reads elsewhere, and that is said', async () => {
    const { ours, muxer } = await connect()
    expect(() => readDirectly(muxer, {})).toThrow('this noise reads its connection elsewhere')
    expect(() => readDirectly({}, ours)).toThrow('this yamux reads its connection elsewhere')
  })
})
