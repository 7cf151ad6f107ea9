import fc from 'fast-check'
import { expect, it } from 'vitest'
import { withLength } from '../../src/swarm/length-prefix.ts'
import { mendInboundStreams } from '../../src/swarm/mend-inbound-streams.ts'
import { InboundStream } from '../support/inbound-stream.ts'

/** As gossipsub is, as far as it is used. */
function fakeGossip() {
  const handled: number[][] = []
  const errors: string[] = []
  const gossip = {
    opts: {},
    peers: new Map([['peer', {}]]),
    streamsInbound: new Map<string, object>(),
    isStarted: () => true,
    createInboundStream: (_peer: string, _stream: InboundStream): void => undefined,
    decodeRpc: (bytes: Uint8Array) => ({ subscriptions: [], messages: [{ topic: 'block', data: [...bytes] }] }),
    acceptFrom: () => true,
    handleReceivedRpc: () => Promise.reject(new Error('not to be called')),
    handleReceivedMessage: async (_from: string, { data }: { data: number[] }) => void handled.push(data),
    handleControlMessage: () => Promise.reject(new Error('not to be called')),
    handlePeerReadStreamError: ({ message }: Error) => void errors.push(message),
  }
  mendInboundStreams(gossip, () => void errors.push('oversized'))
  return { gossip, handled, errors }
}

type Event = 'piece' | 'pause' | 'resume' | 'turn'

/** What comes, and when it is read. Some of it comes while the stream is negotiated, and waits or is given back to it. */
const arrival = fc.record({
  rpcs: fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 6 }),
  pieceBytes: fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 5 }),
  early: fc.nat(3),
  isGivenBack: fc.boolean(),
  events: fc.array(fc.constantFrom<Event>('piece', 'piece', 'piece', 'pause', 'resume', 'turn'), { maxLength: 30 }),
})

const turn = () => new Promise((resolve) => void setTimeout(resolve, 0))

it('a gossip stream of js libp2p brings the RPCs that were sent in their order, however its data come and wait', async () => {
  await fc.assert(
    fc.asyncProperty(arrival, async ({ rpcs, pieceBytes, early, isGivenBack, events }) => {
      const { gossip, handled, errors } = fakeGossip()
      const stream = new InboundStream()
      let rest: Uint8Array = Buffer.concat(rpcs.map(withLength))
      let pieces = 0
      const nextPiece = () => {
        const piece = rest.subarray(0, pieceBytes[pieces++ % pieceBytes.length])
        rest = rest.subarray(piece.length)
        return piece
      }
      for (let come = 0; come < early; come++) stream.onData(nextPiece())
      if (isGivenBack && early === 0) stream.push(nextPiece())
      gossip.createInboundStream('peer', stream)
      for (const event of events) {
        if (event === 'piece') stream.onData(nextPiece())
        else if (event === 'turn') await turn()
        else stream[event]()
      }
      stream.resume()
      while (rest.length > 0) stream.onData(nextPiece())
      await turn()
      stream.onRemoteCloseWrite()
      expect(handled).toEqual(rpcs.map((bytes) => [...bytes]))
      expect(errors).toEqual([])
    }),
    { numRuns: 200 },
  )
})
