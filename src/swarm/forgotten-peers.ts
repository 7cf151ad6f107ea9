/** The part of gossipsub that is used; its class has it, its published interface has not. */
interface RpcFilter {
  peers: ReadonlyMap<string, unknown>
  acceptFrom(peerId: string): boolean
}

/**
 * js gossipsub 17.1 still handles an RPC that was on its way when its sender disconnected: a GRAFT in it puts a peer into
 * the mesh that is gone, and nothing ever removes it. Here it ignores RPCs of peers that it has forgotten.
 *
 * @throws Error when this gossipsub decides elsewhere whose RPCs it handles: then this piece has to be looked at again
 */
export function ignoreForgottenPeers(pubsub: object): void {
  if (!isRpcFilter(pubsub)) throw new Error('this gossipsub has no filter of RPCs by peer')
  const acceptFrom = pubsub.acceptFrom.bind(pubsub)
  pubsub.acceptFrom = (peerId) => pubsub.peers.has(peerId) && acceptFrom(peerId)
}

function isRpcFilter(pubsub: object): pubsub is RpcFilter {
  return typeof Reflect.get(pubsub, 'acceptFrom') === 'function' && Reflect.get(pubsub, 'peers') instanceof Map
}
