import { ENR } from '@chainsafe/enr'
import { errorText, LeanmeshError, quoted } from '../errors.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'

/** An ENR has at most 300 bytes: 400 characters of base64 after `enr:`. */
const MAX_LENGTH = 404

function port(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value
}

function quicAddresses(enr: ENR): string[] {
  const quic = port(enr.quic)
  const quic6 = port(enr.quic6) ?? quic
  const addresses: string[] = []
  if (enr.ip !== undefined && quic !== undefined) addresses.push(`/ip4/${enr.ip}/udp/${quic}/quic-v1`)
  if (enr.ip6 !== undefined && quic6 !== undefined) addresses.push(`/ip6/${enr.ip6}/udp/${quic6}/quic-v1`)
  return addresses
}

function decode(text: string): ENR {
  const shown = quoted(text.length > 40 ? `${text.slice(0, 40)}…` : text)
  if (text.length > MAX_LENGTH)
    throw new LeanmeshError('ERR_ENR_INVALID', `the ENR ${shown} is longer than 300 bytes; copy it again`)
  try {
    return ENR.decodeTxt(text)
  } catch (cause) {
    if (errorText(cause) === 'Unable to verify enr signature') {
      const message = `the signature of the ENR ${shown} does not fit its content; it was changed or cut, so copy it again from its node`
      throw new LeanmeshError('ERR_ENR_SIGNATURE', message, { cause })
    }
    throw new LeanmeshError(
      'ERR_ENR_INVALID',
      `${shown} is not an ENR (${errorText(cause, 80)}); copy it again from its node`,
      { cause },
    )
  }
}

/**
 * The peer that an ENR describes, with its QUIC addresses. The library verifies the signature.
 *
 * @throws LeanmeshError `ERR_ENR_INVALID`, `ERR_ENR_SIGNATURE`, `ERR_ENR_NO_QUIC` or `ERR_ENR_NO_ADDRESS`
 */
export function enrPeer(text: string): PeerTarget {
  const enr = decode(text)
  try {
    const peerId = enr.peerId.toString()
    const addresses = quicAddresses(enr)
    if (addresses.length > 0) return { peerId, addresses }
    if (port(enr.quic) === undefined && port(enr.quic6) === undefined) {
      const message = `the ENR of ${peerId} has no "quic" port, and lean clients speak QUIC only; ask for an ENR made with one, or give a multiaddr`
      throw new LeanmeshError('ERR_ENR_NO_QUIC', message)
    }
    const message = `the ENR of ${peerId} has no "ip" address; ask for an ENR made with one, or give a multiaddr`
    throw new LeanmeshError('ERR_ENR_NO_ADDRESS', message)
  } catch (cause) {
    if (cause instanceof LeanmeshError) throw cause
    throw new LeanmeshError('ERR_ENR_INVALID', `the ENR has a wrong address, port or key (${errorText(cause, 80)})`, {
      cause,
    })
  }
}
