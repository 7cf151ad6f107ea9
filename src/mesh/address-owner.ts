/** What IPv6 writes before an address of IPv4, which a multiaddr gives in hex as well. */
const MAPPED = '0,0,0,0,0,65535'

/**
 * Whom an address stands for: itself, or of IPv6 its /64, because who has one of these addresses has 2^64.
 *
 * @param address IPv4, also as IPv6 writes it, or IPv6
 */
export function addressOwner(address: string): string {
  const plain = address
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*/, '')
    .toLowerCase()
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].map((group) => Number.parseInt(group, 16))
  if (groups.slice(0, 6).join() === MAPPED)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}
