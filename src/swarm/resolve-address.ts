import { lookup } from 'node:dns/promises'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { raceAbort } from '../lifecycle/deadline.ts'

/** `dns` asks for both families; the others for theirs. */
const FAMILIES: Record<string, 0 | 4 | 6> = { dns: 0, dns4: 4, dns6: 6 }

/** A name with more addresses than this is dialled at its first ones. */
const MAX_ADDRESSES = 8

export type Lookup = (name: string, family: 0 | 4 | 6) => Promise<{ address: string; family: number }[]>

async function systemLookup(name: string, family: 0 | 4 | 6): Promise<{ address: string; family: number }[]> {
  return lookup(name, { family, all: true })
}

/**
 * The addresses behind a multiaddr: itself, or one for each address of its `/dns`, `/dns4` or `/dns6` name. Asked anew at
 * every attempt, because pods move, and because the QUIC transport cannot dial names.
 *
 * @throws Error when the name does not resolve; the signal's reason when it aborts first, because a lookup may hang
 */
export async function resolveAddress(
  address: string,
  signal: AbortSignal,
  resolve: Lookup = systemLookup,
): Promise<Multiaddr[]> {
  const parsed = multiaddr(address)
  const [host, ...rest] = parsed.getComponents()
  const family = host ? FAMILIES[host.name] : undefined
  if (host?.value === undefined || family === undefined) return [parsed]
  const found = await raceAbort(resolve(host.value, family), signal)
  return found.slice(0, MAX_ADDRESSES).map((entry) => {
    const tail = rest.map((part) => `/${part.name}${part.value === undefined ? '' : `/${part.value}`}`).join('')
    return multiaddr(`/ip${entry.family}/${entry.address}${tail}`)
  })
}
