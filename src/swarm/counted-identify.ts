import { type Identify, identify, type IdentifyComponents } from '@libp2p/identify'

/**
 * Identify, which runs by itself on each new connection, and tells nobody when nothing comes of it: a peer that does not
 * speak it, does not answer in time, or says too much.
 */
export function countedIdentify(
  timeoutMs: number,
  onFailure: () => void,
): (components: IdentifyComponents) => Identify {
  const create = identify({ timeout: timeoutMs })
  return (components) => {
    const service = create(components)
    const ask = service.identify.bind(service)
    service.identify = async (...asked) => {
      try {
        return await ask(...asked)
      } catch (error) {
        onFailure()
        throw error
      }
    }
    return service
  }
}
