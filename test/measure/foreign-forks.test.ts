import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createForeignForks, type ForeignForkTable } from '../../src/measure/foreign-forks.ts'
import { createTotals, type Totals } from '../../src/measure/totals.ts'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'

const topicOf = (digest: string, name = 'block') => `/leanconsensus/${digest}/${name}/ssz_snappy`

describe('the table of other forks', () => {
  let totals: Totals
  let forks: ForeignForkTable

  beforeEach(() => {
    totals = createTotals()
    forks = createForeignForks([BLOCK, AGGREGATION], totals)
  })

  const ignored = () =>
    ['foreign_digest', 'other_lean', 'not_lean'].map(
      (kind) => totals.counter('leanmesh_ignored_subscriptions_total', { kind }).value,
    )

  it('counts peers by digest, the most common first, a peer once a digest', () => {
    forks.onSubscription('a', topicOf('devnet0'), true)
    for (const peer of ['b', 'c']) {
      for (const name of ['block', 'aggregation', 'attestation_7'])
        forks.onSubscription(peer, topicOf('beef', name), true)
    }
    forks.onSubscription('c', topicOf('devnet0'), true)
    expect(forks.read()).toEqual({
      peers: 3,
      digests: [
        { forkDigest: 'beef', peers: 2 },
        { forkDigest: 'devnet0', peers: 2 },
      ],
    })
    expect(ignored()).toEqual([8, 0, 0])
  })

  it('keeps a peer until it left the last topic of a digest, or is forgotten', () => {
    for (const name of ['block', 'attestation_0']) forks.onSubscription('a', topicOf('beef', name), true)
    forks.onSubscription('b', topicOf('beef'), true)
    forks.onSubscription('a', topicOf('beef'), false)
    expect(forks.read().peers).toBe(2)
    forks.onSubscription('a', topicOf('beef', 'attestation_0'), false)
    expect(forks.read().peers).toBe(1)
    forks.forget('b')
    expect(forks.read()).toEqual({ peers: 0, digests: [] })
  })

  it('counts other topics of our fork, and what is no lean topic, and keeps nothing of them', () => {
    forks.onSubscription('a', topicOf('12345678', 'attestation_5'), true)
    for (const topic of ['', 'chat', topicOf('beef', 'blob'), topicOf('beef', 'attestation_12345678')]) {
      forks.onSubscription('a', topic, true)
    }
    forks.onSubscription('a', 'chat', false)
    expect(ignored()).toEqual([0, 1, 4])
    expect(forks.read().peers).toBe(0)
  })

  it('does not take a peer for gone that joined more than is remembered', () => {
    const table = createForeignForks([BLOCK], createTotals())
    const subnet = (index: number) => topicOf('devnet0', `attestation_${index}`)
    for (let index = 0; index < 200; index++) table.onSubscription('many', subnet(index), true)
    for (let index = 0; index < 128; index++) table.onSubscription('many', subnet(index), false)
    const digest = (index: number) => topicOf(`fork${index}`)
    for (let index = 0; index < 5; index++) table.onSubscription('digests', digest(index), true)
    for (let index = 0; index < 4; index++) table.onSubscription('digests', digest(index), false)
    expect(table.read().peers).toBe(2)
    for (const peer of ['many', 'digests']) table.forget(peer)
    expect(table.read().peers).toBe(0)
  })

  it('takes nobody for being on another fork where our own topics name none', () => {
    const table = createForeignForks(['/my/topic'], createTotals())
    table.onSubscription('a', '/leanconsensus/12345678/block/ssz_snappy', true)
    expect(table.read()).toEqual({ peers: 0, digests: [] })
  })

  it('does not look at a topic of 1 MB', () => {
    forks.onSubscription('a', topicOf('x'.repeat(1_000_000)), true)
    expect(ignored()).toEqual([0, 0, 1])
    expect(forks.read().peers).toBe(0)
  })

  it('tells at most 16 digests, each of at most 64 printable characters', () => {
    for (let index = 0; index < 100; index++) forks.onSubscription(`peer-${index}`, topicOf(`fork-${index}`), true)
    forks.onSubscription('a', topicOf('<b>\u202E\u0000 "ü"'), true)
    forks.onSubscription('b', topicOf('y'.repeat(200)), true)
    for (const peer of ['c', 'd']) {
      forks.onSubscription(peer, topicOf('<b>\u202E\u0000 "ü"'), true)
      forks.onSubscription(peer, topicOf('y'.repeat(200)), true)
    }
    const { digests } = forks.read()
    expect(digests).toHaveLength(16)
    expect(digests.slice(0, 2).map(({ forkDigest }) => forkDigest)).toEqual(['<b>???"?"', `${'y'.repeat(61)}...`])
  })

  it('keeps no more than 4 digests of one peer, and never counts more peers than there are', () => {
    const announcement = fc.record({
      peer: fc.constantFrom('a', 'b', 'c'),
      digest: fc.constantFrom('1', '2', '3', '4', '5', '6', '12345678'),
      name: fc.constantFrom('block', 'aggregation', 'attestation_0', 'attestation_1', 'chat'),
      subscribe: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(announcement), (announcements) => {
        const table = createForeignForks([BLOCK], createTotals())
        for (const { peer, digest, name, subscribe } of announcements) {
          table.onSubscription(peer, topicOf(digest, name), subscribe)
        }
        const { peers, digests } = table.read()
        const counted = digests.map((each) => each.peers)
        expect(counted.every((count) => count > 0 && count <= peers)).toBe(true)
        expect(counted.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(4 * peers)
        expect(digests.map(({ forkDigest }) => forkDigest)).not.toContain('12345678')
        for (const peer of ['a', 'b', 'c']) table.forget(peer)
        expect(table.read()).toEqual({ peers: 0, digests: [] })
      }),
    )
  })
})
