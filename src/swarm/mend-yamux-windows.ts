import { mendNewStreams } from './mend-yamux-streams.ts'

/** The part of js yamux's streams that is used. */
interface Receiver {
  state: number
  /** What the peer may send at most, and what it may send now, in bytes. */
  recvWindow: number
  recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** Neither opening, nor paused, nor over: nothing but the window is to be told. */
const ESTABLISHED = 3

function isReceiver(stream: object): stream is Receiver {
  return (
    ['state', 'recvWindow', 'recvWindowCapacity'].every((field) => typeof Reflect.get(stream, field) === 'number') &&
    typeof Reflect.get(stream, 'sendWindowUpdate') === 'function'
  )
}

/**
 * js yamux 8 answers each frame of data with a window update: seven frames for a gossip message that comes and goes, each
 * encrypted and written by itself. Here a peer is told when it has used half of its window, as go-yamux does.
 *
 * @throws Error when this js yamux keeps its windows elsewhere: then this piece has to be looked at again
 */
export function grantByHalves(muxer: object): void {
  mendNewStreams(muxer, (stream) => {
    if (!isReceiver(stream)) throw new Error('this yamux keeps its windows elsewhere')
    const update = stream.sendWindowUpdate.bind(stream)
    stream.sendWindowUpdate = () => {
      const isRoomy = stream.recvWindowCapacity > stream.recvWindow / 2
      if (!isRoomy || stream.state !== ESTABLISHED) update()
    }
  })
}
