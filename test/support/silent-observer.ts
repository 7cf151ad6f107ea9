import type { NodeObserver } from '../../src/swarm/node.ts'

const ignore = (): void => undefined

export const SILENT_OBSERVER: NodeObserver = {
  onOversizedRpc: ignore,
  onUnsubscribedMessage: ignore,
  onDuplicateMessage: ignore,
  onSlowPeer: ignore,
  onIdentifyFailure: ignore,
  onRefusedConnection: ignore,
  onInboundFailure: ignore,
  onForeignSubscription: ignore,
  onPeerGone: ignore,
}
