import { errorText, LeanmeshError } from '../errors.ts'

/** libp2p names each address that it could not listen on, and why, among advice about its own options and stacks. */
const ADDRESS_LINE = /^\s*(\/\S+): (?:\w*Error: )?(.+)$/gm

/** A failed start as a person can use it: which address, why, and which setting to change. */
export function listenFailure(error: unknown): unknown {
  const message = error instanceof Error ? error.message : ''
  const lines = Array.from(message.matchAll(ADDRESS_LINE), ([, address, reason]) => `${address} (${errorText(reason)})`)
  if (lines.length === 0) return error
  const sentence = `cannot listen on ${lines.join(', ')}: set another address or port with --listen, LEANMESH_LISTEN or listen in the config file (port 0 takes any free one)`
  return new LeanmeshError('ERR_SWARM_LISTEN', sentence, { cause: error })
}
