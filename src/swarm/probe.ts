import type { Connection } from '@libp2p/interface'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { ProbeNode } from './probe-node.ts'
import {
  connect,
  gossipsub,
  graft,
  identify,
  type ProbeContext,
  type ProbeStep,
  type ProbeStop,
  status,
  subscriptions,
} from './probe-steps.ts'

export interface ProbeOptions {
  target: PeerTarget
  /** Full topic strings. */
  topics: readonly string[]
  /** Theirs. */
  forkDigest: string
  /** What identify tells of us. */
  agent: string
  /** For all steps together, in milliseconds. */
  timeoutMs: number
  /** When slot 0 began, in seconds since the Unix epoch; absent: any slot is believed. */
  genesisTimeSeconds?: number
}

/**
 * Goes as far with one peer as it lets us, as an ordinary peer that listens nowhere, and leaves. Settles soon after the timeout.
 *
 * @param onStep told of each step when it is done
 */
export async function probe(options: ProbeOptions, onStep: (step: ProbeStep) => void): Promise<ProbeStop> {
  const node = await ProbeNode.start(options.topics, options.agent)
  const signal = AbortSignal.timeout(options.timeoutMs)
  const context: ProbeContext = { ...options, node, signal, onStep }
  try {
    const connection = await connect(context)
    if ('outcome' in connection) return connection
    const open: ProbeContext = { ...context, signal: AbortSignal.any([signal, closed(connection)]) }
    const stop = await converse(connection, open)
    const end = endOf(stop, connection, context)
    if (!open.signal.aborted) await status(connection, open)
    return end
  } finally {
    await node.stop()
  }
}

/** Aborts when the connection has ended. */
function closed(connection: Connection): AbortSignal {
  const controller = new AbortController()
  connection.addEventListener('close', () => controller.abort())
  if (connection.status !== 'open') controller.abort()
  return controller.signal
}

async function converse(connection: Connection, context: ProbeContext): Promise<ProbeStop> {
  const protocols = await identify(context)
  const silent = await gossipsub(connection, protocols, context)
  if (silent) return silent
  const found = await subscriptions(context)
  return 'outcome' in found ? found : await graft(found.topic, context)
}

/** What a step takes for its own failure may be the end of the time, or of the connection. */
function endOf(stop: ProbeStop, connection: Connection, { signal, node, target }: ProbeContext): ProbeStop {
  if (stop.outcome === 'meshed') return stop
  if (signal.aborted) return { outcome: 'timeout', cause: `The time ran out (--timeout). ${stop.cause}` }
  // One that has said that it speaks no gossipsub may hang up for that.
  const isExplained = stop.outcome === 'no_gossipsub' && node.identity(target.peerId) !== undefined
  if (!isExplained && !node.isConnected(connection))
    return {
      outcome: 'disconnected',
      cause: 'It hung up: it refuses our protocols, is overloaded, or was just stopped.',
    }
  return stop
}
