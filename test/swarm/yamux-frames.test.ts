import type { Stream } from '@libp2p/interface'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { cut } from '../support/pieces.ts'
import {
  connect,
  DATA,
  FIN,
  header,
  HEADER_BYTES,
  type Layer,
  PING,
  received,
  RST,
  SYN,
  WINDOW_UPDATE,
} from '../support/yamux-connection.ts'

describe('a yamux muxer that is read directly', () => {
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
          for (const piece of cut(all, places)) (muxer as unknown as Layer).onData(piece)
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

  it('ends where more comes than the window of a stream that is not read', async () => {
    const { ours, theirs, muxer } = await connect()
    muxer.addEventListener('stream', ({ detail }) => detail.pause())
    theirs.send(header({ type: WINDOW_UPDATE, length: 0 }))
    theirs.send(Buffer.concat([header({ type: DATA, length: 300_000, flag: 0 }), Buffer.alloc(300_000)]))
    await vi.waitFor(() => expect([ours.status, muxer.status]).toEqual(['aborted', 'closed']), { interval: 1 })
  })
})
