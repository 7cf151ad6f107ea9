import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { MESHSUB_PROTOCOLS } from '../../src/swarm/gossip.ts'

/** Says an agent version of any length in identify: libp2p's own service would refuse a long one. */
export async function answerIdentify(node: Libp2p, agent: string): Promise<void> {
  const { publicKey } = node.peerId
  if (!publicKey) throw new Error('the peer has no public key')
  const fields: [number, Uint8Array][] = [
    [1, publicKeyToProtobuf(publicKey)],
    ...MESHSUB_PROTOCOLS.map((protocol): [number, Uint8Array] => [3, Buffer.from(protocol)]),
    [6, Buffer.from(agent)],
  ]
  const message = Buffer.concat(
    fields.flatMap(([number, value]) => [Buffer.from([(number << 3) | 2]), lengthOf(value), value]),
  )
  await node.unhandle('/ipfs/id/1.0.0')
  await node.handle('/ipfs/id/1.0.0', async (stream) => {
    stream.send(Buffer.concat([lengthOf(message), message]))
    await stream.close()
  })
}

/** A protobuf varint. */
function lengthOf({ length }: Uint8Array): Buffer {
  const bytes: number[] = []
  let rest = length
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}
