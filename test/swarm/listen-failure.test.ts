import { expect, test } from 'vitest'
import { LeanmeshError } from '../../src/errors.ts'
import { listenFailure } from '../../src/swarm/listen-failure.ts'

test('a failed listen names each address, why, and the setting, without a stack', () => {
  const libp2pSays = [
    'Some configured addresses failed to be listened on, you may need to remove one or more listen addresses:',
    '  /ip4/127.0.0.1/udp/9777/quic-v1: Error: Address already in use (os error 98)',
    '      at QuicListener.listen (file:///somewhere/listener.js:75:26)',
    '  /ip4/127.0.0.1/tcp/9778: Error: listen EADDRINUSE: address already in use 127.0.0.1:9778',
  ].join('\n')
  const failure = listenFailure(new Error(libp2pSays))
  expect(failure).toBeInstanceOf(LeanmeshError)
  expect((failure as LeanmeshError).message).toBe(
    'cannot listen on /ip4/127.0.0.1/udp/9777/quic-v1 (Address already in use (os error 98)), ' +
      '/ip4/127.0.0.1/tcp/9778 (listen EADDRINUSE: address already in use 127.0.0.1:9778): ' +
      'set another address or port with --listen, LEANMESH_LISTEN or listen in the config file (port 0 takes any free one)',
  )
})

test('any other failure stays what it is', () => {
  const error = new Error('the native addon could not be loaded')
  expect(listenFailure(error)).toBe(error)
})
