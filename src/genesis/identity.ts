import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { LeanmeshError } from '../errors.ts'
import type { PeerIdString } from '../mesh/snapshot.ts'

/** What may be shown of a key. */
export interface Identity {
  peerId: PeerIdString
  /** The compressed secp256k1 public key, 66 hex digits: the value of `secp256k1` in an ENR. */
  publicKeyHex: string
}

/**
 * The peer id and public key of a secp256k1 private key.
 *
 * @param keyHex 64 hex digits
 * @throws LeanmeshError `ERR_IDENTITY_INVALID`, without the key in it
 */
export function identityOfKey(keyHex: string): Identity {
  try {
    const { publicKey } = privateKeyFromRaw(Buffer.from(keyHex, 'hex'))
    return {
      peerId: peerIdFromPublicKey(publicKey).toString(),
      publicKeyHex: Buffer.from(publicKey.raw).toString('hex'),
    }
  } catch {
    // The cause is dropped: what a library says of a wrong key may hold the key.
    throw new LeanmeshError(
      'ERR_IDENTITY_INVALID',
      'the number is not a secp256k1 private key; `leanmesh identity --out FILE` makes one',
    )
  }
}
