import { describe, expect, it, vi } from 'vitest'
import { type Lookup, resolveAddress } from '../../src/swarm/resolve-address.ts'

const BOTH = [
  { address: '10.0.0.7', family: 4 },
  { address: 'fd00::7', family: 6 },
]
const NEVER = new AbortController().signal
const lookupOf = (entries: typeof BOTH) => vi.fn<Lookup>(async () => entries)
const texts = async (address: string, lookup: Lookup) => (await resolveAddress(address, NEVER, lookup)).map(String)

describe('resolve address', () => {
  it('leaves an address without a name alone', async () => {
    const lookup = lookupOf(BOTH)
    const address = '/ip4/10.1.1.1/udp/9000/quic-v1'
    expect(await texts(address, lookup)).toEqual([address])
    expect(lookup).not.toHaveBeenCalled()
  })

  it.each([
    ['dns', 0],
    ['dns4', 4],
    ['dns6', 6],
  ] as const)('asks for the family that /%s names', async (protocol, family) => {
    const lookup = lookupOf(BOTH.filter((entry) => family === 0 || entry.family === family))
    await texts(`/${protocol}/zeam-0.lean/udp/9000/quic-v1`, lookup)
    expect(lookup).toHaveBeenCalledExactlyOnceWith('zeam-0.lean', family)
  })

  it('gives one address for each that the name has, with the rest as it was', async () => {
    expect(await texts('/dns/zeam-0.lean/udp/9000/quic-v1', lookupOf(BOTH))).toEqual([
      '/ip4/10.0.0.7/udp/9000/quic-v1',
      '/ip6/fd00::7/udp/9000/quic-v1',
    ])
  })

  it('asks anew at every attempt, because pods move', async () => {
    const lookup = vi
      .fn<Lookup>()
      .mockResolvedValueOnce([{ address: '10.0.0.7', family: 4 }])
      .mockResolvedValueOnce([{ address: '10.0.0.8', family: 4 }])
    const address = '/dns4/zeam-0.lean/tcp/9000'
    expect(await texts(address, lookup)).toEqual(['/ip4/10.0.0.7/tcp/9000'])
    expect(await texts(address, lookup)).toEqual(['/ip4/10.0.0.8/tcp/9000'])
  })

  it('takes the first eight addresses of a name that has many', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ address: `10.0.0.${index}`, family: 4 }))
    expect(await texts('/dns4/many.lean/tcp/9000', lookupOf(many))).toHaveLength(8)
  })

  it('fails with an error that names what did not resolve', async () => {
    await expect(resolveAddress('/dns4/no-such-host.invalid/udp/9000/quic-v1', NEVER)).rejects.toThrow(
      'no-such-host.invalid',
    )
  })

  it('does not wait for a lookup that hangs once its signal aborts', async () => {
    const controller = new AbortController()
    const hanging = resolveAddress('/dns4/slow.lean/tcp/9000', controller.signal, () => new Promise(() => undefined))
    controller.abort(new Error('stopped'))
    await expect(hanging).rejects.toThrow('stopped')
    const late = resolveAddress('/dns4/slow.lean/tcp/9000', controller.signal, () => new Promise(() => undefined))
    await expect(late).rejects.toThrow('stopped')
  })
})
