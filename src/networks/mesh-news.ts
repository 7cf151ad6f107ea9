import type { Logger } from '../log.ts'
import { distinctMeshPeers } from '../mesh/counting.ts'
import type { Snapshot, TargetState } from '../mesh/snapshot.ts'

/** A mesh that stays empty for so long is worth a warning, in milliseconds. */
const EMPTY_TOO_LONG_MS = 30_000
/** One failed attempt is no news: a peer may start after its observer. */
const FAILURES_TO_TELL = 3

/** Tells in the log what changed from one snapshot of a swarm to the next: each change once, never a line a tick. */
export function createMeshNews(networkId: string, log: Logger): (snapshot: Snapshot) => void {
  const fields = { network: networkId }
  let before: Snapshot | undefined
  let emptySinceMs: number | undefined
  let isEmptyTold = false

  function tellMesh(now: Snapshot): void {
    const peers = distinctMeshPeers(now.topics).size
    const hadPeers = before !== undefined && distinctMeshPeers(before.topics).size > 0
    if (peers > 0) {
      if (!hadPeers) log.info({ ...fields, peers }, 'the mesh has peers')
      emptySinceMs = undefined
      isEmptyTold = false
      return
    }
    if (hadPeers) log.warn(fields, 'the mesh is empty: its last peer has left')
    emptySinceMs ??= now.takenAtMs
    if (isEmptyTold || now.takenAtMs - emptySinceMs < EMPTY_TOO_LONG_MS) return
    isEmptyTold = true
    log.warn({ ...fields, ...standing(now) }, `no peer has been in the mesh for ${EMPTY_TOO_LONG_MS / 1000} s`)
  }

  function tellForks({ foreignForks: { peers, digests } }: Snapshot): void {
    const hadPeers = (before?.foreignForks.peers ?? 0) > 0
    if (peers > 0 && !hadPeers) {
      const others = digests.map(({ forkDigest }) => forkDigest)
      log.warn({ ...fields, peers, others }, 'peers are on other fork digests than this network (fork_digest)')
    }
    if (peers === 0 && hadPeers) log.info(fields, 'no peer is on another fork digest any more')
  }

  return (now) => {
    tellMesh(now)
    tellForks(now)
    const known = new Map(before?.targets.map((target) => [target.peerId, target]))
    for (const target of now.targets) tellTarget(known.get(target.peerId), target, fields, log)
    before = now
  }
}

/** What tells apart the causes of an empty mesh. */
function standing({ targets, connectedPeers, topics, foreignForks }: Snapshot): object {
  const configured = targets.filter(({ phase }) => phase !== 'self')
  return {
    configured: configured.length,
    connected: connectedPeers.length,
    subscribers: Math.max(0, ...topics.map(({ subscribers }) => subscribers)),
    ...(foreignForks.peers > 0 && { foreignForks: foreignForks.digests }),
  }
}

function tellTarget(before: TargetState | undefined, now: TargetState, network: object, log: Logger): void {
  const fields = { ...network, peerId: now.peerId }
  const wasConnected = before?.phase === 'connected'
  if (now.phase === 'connected' && !wasConnected) log.info(fields, 'connected to a configured peer')
  if (now.phase !== 'connected' && wasConnected) log.info(fields, 'lost the connection to a configured peer')
  const failed = now.failures - (before?.failures ?? 0)
  if (failed <= 0 || now.lastError === undefined) return
  const error = { ...fields, failures: now.failures, error: now.lastError }
  const isFirst = now.failures >= FAILURES_TO_TELL && (before?.failures ?? 0) < FAILURES_TO_TELL
  if (isFirst) log.warn(error, 'a configured peer cannot be reached; it is dialled on')
  else log.debug(error, 'a configured peer could not be reached')
}
