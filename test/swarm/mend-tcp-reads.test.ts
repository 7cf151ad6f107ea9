import { yamux } from '@chainsafe/libp2p-yamux'
import type { MultiaddrConnection, Stream } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { swarmKey } from '../../src/swarm/identity.ts'
import { quickNoise } from '../../src/swarm/mend-noise.ts'
import { readDirectly } from '../../src/swarm/mend-tcp-reads.ts'

const MIB = 1024 * 1024
const HEADER_BYTES = 12
const [SYN, FIN, RST] = [1, 4, 8]
const [DATA, WINDOW_UPDATE, PING, NO_TYPE] = [0, 1, 2, 9]

interface Layer {
  onData(data: Uint8Array | Uint8ArrayList): void
}

async function encrypter() {
  const privateKey = await swarmKey(undefined)
  const peerId = peerIdFromPrivateKey(privateKey)
  return quickNoise()({ privateKey, peerId, logger: defaultLogger(), upgrader: {} } as never)
}

/** Gives what comes to a layer on in pieces of these sizes, one after the other and from the beginning again. */
function cut(layer: Layer, sizes: readonly number[]): void {
  const onData = layer.onData.bind(layer)
  let rest = new Uint8Array()
  let turn = 0
  layer.onData = (data) => {
    rest = Buffer.concat([rest, data.subarray()])
    while (rest.length > 0) {
      const size = sizes[turn++ % sizes.length] ?? 1
      onData(rest.slice(0, size))
      rest = rest.subarray(size)
    }
  }
}

/** Ours is a real js yamux over a real js noise, theirs too; ours reads directly. */
async function connect(sizes?: readonly number[]) {
  const [transport, wire] = multiaddrConnectionPair()
  const options = { skipStreamMuxerNegotiation: true }
  const [{ connection: ours }, { connection: theirs }] = await Promise.all([
    (await encrypter()).secureOutbound(transport, options),
    (await encrypter()).secureInbound(wire, options),
  ])
  const muxer = yamux()().createStreamMuxer(ours)
  readDirectly(muxer, ours)
  if (sizes) cut(transport as MultiaddrConnection & Layer, sizes)
  onTestFinished(() => {
    for (const each of [ours, theirs]) each.abort(new Error('over'))
  })
  return { ours, theirs, transport, muxer }
}

/** What streams bring that the other side opens, by their order. */
function received(muxer: { addEventListener(type: 'stream', listener: (event: { detail: Stream }) => void): void }) {
  const streams: Buffer[] = []
  muxer.addEventListener('stream', ({ detail }) => {
    const at = streams.push(Buffer.alloc(0)) - 1
    detail.addEventListener(
      'message',
      ({ data }) => (streams[at] = Buffer.concat([streams[at] ?? Buffer.alloc(0), data.subarray()])),
    )
  })
  return streams
}

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

  it('brings what has come of a data frame before the rest, and ends its stream after it', async () => {
    const { muxer } = await connect()
    const streams = received(muxer)
    const ended = vi.fn<() => void>()
    muxer.addEventListener('stream', ({ detail }) => detail.addEventListener('remoteCloseWrite', () => ended()))
    const push = (...parts: Uint8Array[]) => (muxer as unknown as Layer).onData(Buffer.concat(parts))
    push(header({ type: DATA, length: 10, flag: SYN }))
    push(Buffer.from('open'))
    await vi.waitFor(() => expect(streams.join()).toBe('open'), { interval: 1 })
    push(Buffer.from(' first'), header({ type: DATA, length: 8, flag: FIN }), Buffer.from(' an'))
    expect([streams.join(), ended.mock.calls]).toEqual(['open first an', []])
    push(Buffer.from(' end.'))
    expect(streams.join()).toBe('open first an end.')
    expect(ended).toHaveBeenCalledTimes(1)
  })

  it('brings the data of several streams, wherever their frames are cut', async () => {
    const { muxer, ours } = await connect()
    const streams = received(muxer)
    const frame = fc.record({ stream: fc.nat(1), length: fc.oneof(fc.nat(20), fc.nat(2000)), ping: fc.boolean() })
    let opened = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (sent, places) => {
          const expected = [Buffer.alloc(0), Buffer.alloc(0)]
          const frames: Buffer[] = [0, 1].map((at) =>
            header({ type: WINDOW_UPDATE, length: 0, stream: 2 * (opened + at + 1) }),
          )
          for (const [index, { stream, length, ping }] of sent.entries()) {
            const data = Buffer.alloc(length, index + 1)
            expected[stream] = Buffer.concat([expected[stream] ?? data, data])
            if (ping) frames.push(header({ type: PING, length: index, stream: 0 }))
            frames.push(header({ type: DATA, length, flag: 0, stream: 2 * (opened + stream + 1) }), data)
          }
          for (const at of [0, 1])
            frames.push(header({ type: DATA, length: 0, flag: RST, stream: 2 * (opened + at + 1) }))
          const all = Buffer.concat(frames)
          const ends = [...places.map((place) => place % (all.length + 1)), all.length].sort((a, b) => a - b)
          for (const [at, end] of ends.entries())
            (muxer as unknown as Layer).onData(all.subarray(ends[at - 1] ?? 0, end))
          await vi.waitFor(() => expect(streams.slice(opened)).toEqual(expected), { interval: 1 })
          opened += 2
          expect(ours.status).toBe('open')
        },
      ),
      { numRuns: 40 },
    )
  })

  it.each([
    ['ends', FIN, 'open closed'],
    ['resets', RST, 'reset closed'],
    ['opens and ends', SYN | FIN, 'open closed'],
    ['opens and resets', SYN | RST, 'reset closed'],
  ])('reads the data of a frame that %s its stream, and then does that, wherever it is cut', async (_, flag, end) => {
    const { muxer, ours } = await connect()
    const streams = received(muxer)
    const opened: Stream[] = []
    muxer.addEventListener('stream', ({ detail }) => void opened.push(detail))
    const push = (bytes: Uint8Array) => (muxer as unknown as Layer).onData(bytes)
    for (let place = 0; place < HEADER_BYTES + 5; place++) {
      const stream = 2 * (place + 1)
      push(header({ type: WINDOW_UPDATE, length: 0, stream }))
      await vi.waitFor(() => expect(opened).toHaveLength(place + 1), { interval: 1 })
      const frame = Buffer.concat([header({ type: DATA, length: 4, stream, flag }), Buffer.from('data')])
      push(frame.subarray(0, place))
      push(frame.subarray(place))
      await vi.waitFor(() => expect(streams[place]?.toString()).toBe('data'), { interval: 1 })
      await vi.waitFor(() => expect(`${opened[place]?.status} ${opened[place]?.remoteWriteStatus}`).toBe(end), {
        interval: 1,
      })
    }
    expect(ours.status).toBe('open')
  })

  it('ends a stream with a frame of no data', async () => {
    const { muxer } = await connect()
    const opened: Stream[] = []
    muxer.addEventListener('stream', ({ detail }) => void opened.push(detail))
    const push = (bytes: Uint8Array) => (muxer as unknown as Layer).onData(bytes)
    push(Buffer.concat([header({ type: DATA, length: 0 }), header({ type: DATA, length: 0, flag: FIN })]))
    await vi.waitFor(() => expect(opened[0]?.remoteWriteStatus).toBe('closed'), { interval: 1 })
  })

  it('keeps of what waits in a stream nothing that came with it', async () => {
    const { theirs, muxer } = await connect()
    const kept: number[] = []
    muxer.addEventListener('stream', ({ detail }) => {
      detail.addEventListener('message', ({ data }) => void kept.push(data.subarray().buffer.byteLength))
    })
    const noise = Buffer.concat(
      Array.from({ length: 4000 }, () => header({ type: WINDOW_UPDATE, length: 0, stream: 8, flag: 0 })),
    )
    theirs.send(Buffer.concat([header({ type: DATA, length: 1 }), Uint8Array.of(1), noise]))
    await vi.waitFor(() => expect(kept).toEqual([1]), { interval: 1 })
  })

  it('goes on after a data frame whose stream was reset before it had come', async () => {
    const { ours, theirs, muxer } = await connect()
    const streams = received(muxer)
    muxer.addEventListener('stream', ({ detail }) => {
      detail.addEventListener('message', () => detail.abort(new Error('enough')), { once: true })
    })
    const begun = [header({ type: DATA, length: 4 }), Buffer.from('open'), header({ type: DATA, length: 9, flag: 0 })]
    theirs.send(Buffer.concat([...begun, Buffer.from('lost')]))
    const other = [header({ type: DATA, length: 5, stream: 4 }), Buffer.from('other')]
    theirs.send(Buffer.concat([Buffer.from(' too.'), ...other]))
    await vi.waitFor(() => expect(streams).toHaveLength(2), { interval: 1 })
    await vi.waitFor(() => expect(streams[1]?.toString()).toBe('other'), { interval: 1 })
    expect(streams[0]?.toString()).toBe('open')
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

  it('ends where more comes than the window of a stream that is not read', async () => {
    const { ours, theirs, muxer } = await connect()
    muxer.addEventListener('stream', ({ detail }) => detail.pause())
    theirs.send(header({ type: WINDOW_UPDATE, length: 0 }))
    theirs.send(Buffer.concat([header({ type: DATA, length: 300_000, flag: 0 }), Buffer.alloc(300_000)]))
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

interface Header {
  type: number
  length: number
  /** Even: the other side accepted the connection. */
  stream?: number
  flag?: number
  version?: number
}

function header({ type, length, stream = 2, flag = SYN, version = 0 }: Header): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt8(version, 0)
  bytes.writeUInt8(type, 1)
  bytes.writeUInt16BE(flag, 2)
  bytes.writeUInt32BE(stream, 4)
  bytes.writeUInt32BE(length, 8)
  return bytes
}
