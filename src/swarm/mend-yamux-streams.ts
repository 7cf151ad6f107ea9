/** The part of js yamux's muxer that is used. */
interface StreamMaker {
  _newStream(...args: readonly unknown[]): object
}

function isStreamMaker(muxer: object): muxer is StreamMaker {
  return typeof Reflect.get(muxer, '_newStream') === 'function'
}

/**
 * Mends each stream that a muxer of js yamux makes from now on.
 *
 * @throws Error when this js yamux makes its streams elsewhere: then this piece has to be looked at again
 */
export function mendNewStreams(muxer: object, mend: (stream: object) => void): void {
  if (!isStreamMaker(muxer)) throw new Error('this yamux makes its streams elsewhere')
  const make = muxer._newStream.bind(muxer)
  muxer._newStream = (...args) => {
    const stream = make(...args)
    mend(stream)
    return stream
  }
}
