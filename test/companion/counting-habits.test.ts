import { describe, expect, test } from 'vitest'
import { clientOf, meshPeersReport, type CountingEvidence } from '../../src/companion/counting-habits.ts'
import type { Sample } from '../../src/companion/exposition-line.ts'

/** Series by the label `client`; without a label under the empty key. */
function series(values: Record<string, number>): Sample[] {
  return Object.entries(values).map(([client, value]) => ({
    name: 'lean_gossip_mesh_peers',
    labels: new Map(client === '' ? [] : [['client', client]]),
    value,
  }))
}

const report = (values: Record<string, number>, evidence: CountingEvidence = {}) =>
  meshPeersReport(series(values), evidence)

describe('the definition of mesh peers', () => {
  test.each([
    ['zeam', { '': 9 }, 'sum', 9],
    ['lantern', { lantern_0: 8 }, 'sum', 8],
    ['ethlambda', { zeam_0: 1, lantern_0: 1, unknown: 2 }, 'distinct', 4],
    ['ethlambda', { zeam_0: 1 }, 'distinct', 1],
    ['ream', { total: 3 }, 'distinct', 3],
    ['gean', { '': 5 }, 'subscribers', 5],
  ] as const)('is that of %s for %j', (clientName, values, definition, reported) => {
    expect(report(values, { clientName })).toMatchObject({ definition, reported })
  })

  test('says of ream that the value may be old', () => {
    expect(report({ total: 3 }, { clientName: 'ream' }).why).toMatch(/^ream counts distinct peers, .+ may be old$/)
  })

  test.each([
    ['none', { '': 9 }, 'unknown'],
    ['total', { total: 2 }, 'distinct'],
    ['names', { zeam_0: 1, unknown: 0 }, 'distinct'],
    ['one name, its own or a remote one', { zeam_0: 1 }, 'unknown'],
    ['one name with more than one peer', { zeam_0: 3 }, 'sum'],
    ['a topic', { 'not a name': 1 }, 'unknown'],
    ['total beside names', { total: 2, zeam_0: 2 }, 'unknown'],
  ] as const)('is read off the labels of a client that is not known: %s', (_, values, definition) => {
    expect(report(values, { clientName: 'newcomer' })).toMatchObject({ definition })
    expect(report(values)).toMatchObject({ definition })
  })

  test('is read off the labels of a known client that labels otherwise now', () => {
    const { definition, why } = report({ zeam_0: 1, unknown: 0 }, { clientName: 'lantern' })
    expect(definition).toBe('distinct')
    expect(why).toBe('lantern was known to label its mesh peers otherwise, so only the labels say how it counts')
    expect(report({ zeam_0: 3, unknown: 0 }, { clientName: 'ethlambda' })).toMatchObject({ definition: 'unknown' })
    expect(report({ '': 4 }, { clientName: 'ethlambda' })).toMatchObject({ definition: 'unknown' })
  })

  test('is not distinct where there are fewer connected peers', () => {
    const { definition, why } = report({ total: 9 }, { clientName: 'ream', connectedPeers: 4 })
    expect(definition).toBe('unknown')
    expect(why).toContain('9 is more than its 4 connected peers')
    expect(report({ total: 4 }, { clientName: 'ream', connectedPeers: 4 })).toMatchObject({ definition: 'distinct' })
    expect(report({ zeam_0: 1 }, { connectedPeers: 0 })).toMatchObject({ definition: 'sum' })
  })

  test('counts no mesh where no mesh could hold it', () => {
    expect(report({ '': 37 }, { topics: 3 })).toMatchObject({ definition: 'subscribers' })
    expect(report({ '': 36 }, { topics: 3 })).toMatchObject({ definition: 'unknown' })
    expect(report({ '': 37 }, { clientName: 'zeam', topics: 3 })).toMatchObject({ definition: 'unknown' })
  })
})

describe('the reported mesh peers', () => {
  test('are what stands beside total, and not the sum with its parts', () => {
    expect(report({ total: 2, zeam_0: 1, ream_0: 1 }).reported).toBe(2)
  })

  test.each([[Number.NaN], [Infinity], [-1], [1.5], [1e300]])('are none for %s', (value) => {
    expect(report({ '': value })).toEqual({ definition: 'unknown', why: 'what it reports is no number of peers' })
  })

  test('are none without a series', () => {
    expect(meshPeersReport([], { clientName: 'qlean' })).toEqual({
      definition: 'unknown',
      why: 'it does not report its mesh peers',
    })
  })
})

test.each([
  ['Lantern/v0.1', 'lantern'],
  ['ream_0', 'ream'],
  [' zeam', 'zeam'],
  ['', undefined],
  ['\u202e', undefined],
  ['42', undefined],
])('the client of %j is %s', (name, client) => {
  expect(clientOf(name)).toBe(client)
})
