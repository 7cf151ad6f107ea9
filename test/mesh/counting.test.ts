import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distinctMeshPeers, peersByName } from '../../src/mesh/counting.ts'
import { NAME_PATTERN, UNKNOWN_NAME } from '../../src/mesh/names.ts'

const peer = fc.integer({ min: 0, max: 30 }).map((number) => `peer-${number}`)
const topicMesh = fc.record({ topic: fc.string(), mesh: fc.uniqueArray(peer), subscribers: fc.nat() })
const network = fc.array(topicMesh, { maxLength: 5 })
const names = fc
  .uniqueArray(peer)
  .map((peers) => new Map(peers.map((each, index) => [each, `client-${index % 3}_${index}`])))

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)

describe('counting mesh peers', () => {
  it('counts a peer of three topics once, and once in each network', () => {
    const topics = ['a', 'b', 'c'].map((topic) => ({ topic, mesh: ['x'], subscribers: 1 }))
    expect(distinctMeshPeers(topics).size).toBe(1)
    expect(peersByName([topics, topics].map(distinctMeshPeers), new Map([['x', 'zeam_0']]))).toEqual(
      new Map([
        ['zeam_0', 2],
        [UNKNOWN_NAME, 0],
      ]),
    )
  })

  it('by name adds up to the distinct peers of each network', () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 3 }), names, (networks, table) => {
        const distinct = sum(networks.map((topics) => distinctMeshPeers(topics).size))
        expect(sum(peersByName(networks.map(distinctMeshPeers), table).values())).toBe(distinct)
      }),
    )
  })

  it('has a series for every name of the table and for unknown, and no other', () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 3 }), names, (networks, table) => {
        expect(new Set(peersByName(networks.map(distinctMeshPeers), table).keys())).toEqual(
          new Set([...table.values(), UNKNOWN_NAME]),
        )
      }),
    )
  })

  it('does not depend on the order of topics, of the peers in them, or of networks', () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 3 }), names, (networks, table) => {
        const reversed = networks.map((topics) =>
          topics.map((each) => ({ ...each, mesh: each.mesh.toReversed() })).toReversed(),
        )
        expect(peersByName(reversed.toReversed().map(distinctMeshPeers), table)).toEqual(
          peersByName(networks.map(distinctMeshPeers), table),
        )
      }),
    )
  })

  it('never counts more distinct peers than memberships', () => {
    fc.assert(
      fc.property(network, (topics) => distinctMeshPeers(topics).size <= sum(topics.map(({ mesh }) => mesh.length))),
    )
  })

  it('of connected peers follows the same laws, however often and in whatever order a peer is listed', () => {
    fc.assert(
      fc.property(fc.array(fc.array(peer), { maxLength: 3 }), names, (networks, table) => {
        const counts = peersByName(
          networks.map((peers) => new Set(peers)),
          table,
        )
        expect(sum(counts.values())).toBe(sum(networks.map((peers) => new Set(peers).size)))
        expect(sum(counts.values())).toBeLessThanOrEqual(sum(networks.map(({ length }) => length)))
        expect(
          peersByName(
            networks.map((peers) => new Set(peers.toReversed())),
            table,
          ),
        ).toEqual(counts)
      }),
    )
  })

  it('has a name for the unknown that no table may contain', () => {
    expect(UNKNOWN_NAME).not.toMatch(NAME_PATTERN)
  })
})
