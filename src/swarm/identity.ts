import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

/**
 * The swarm's secp256k1 key.
 *
 * @param hex 64 hex digits; absent: a new key
 */
export async function swarmKey(hex: string | undefined): Promise<PrivateKey> {
  return hex === undefined ? generateKeyPair('secp256k1') : privateKeyFromRaw(Buffer.from(hex, 'hex'))
}
