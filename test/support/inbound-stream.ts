import { defaultLogger } from '@libp2p/logger'
import { AbstractStream } from '@libp2p/utils'

/** A stream of js libp2p, as its muxers make it: the test says to it what comes. What is sent goes nowhere. */
export class InboundStream extends AbstractStream {
  constructor() {
    super({ id: '1', direction: 'inbound', log: defaultLogger().forComponent('test') })
  }

  sendData = ({ byteLength }: { byteLength: number }) => ({ sentBytes: byteLength, canSendMore: true })
  sendReset = () => undefined
  sendPause = () => undefined
  sendResume = () => undefined
  sendCloseRead = () => Promise.resolve()
  sendCloseWrite = () => Promise.resolve()
}
