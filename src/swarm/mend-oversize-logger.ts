import type { ComponentLogger } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'

/**
 * libp2p's usual logger, which also tells of an RPC that is too long to be read. js gossipsub then drops its sender from
 * gossip, and says so in its log alone.
 */
export function oversizeLogger(onOversized: () => void): ComponentLogger {
  const logger = defaultLogger()
  return {
    forComponent(name) {
      const log = logger.forComponent(name)
      if (name !== 'libp2p:gossipsub') return log
      const error = log.error.bind(log)
      log.error = (...message: [unknown, ...unknown[]]) => {
        const [what] = message
        if (what instanceof Error && what.name === 'InvalidDataLengthError') onOversized()
        error(...message)
      }
      return log
    },
  }
}
