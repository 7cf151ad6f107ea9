import { describe, expect, it } from 'vitest'
import { attestationSubnet, defaultTopicNames, leanTopic, topicKind } from '../../src/mesh/topics.ts'

describe('lean topics', () => {
  it('are written as the lean networks write them', () => {
    expect(leanTopic('12345678', 'block')).toBe('/leanconsensus/12345678/block/ssz_snappy')
  })

  it('are block, aggregation and one a subnet by default', () => {
    expect(defaultTopicNames(2)).toEqual(['block', 'aggregation', 'attestation_0', 'attestation_1'])
  })

  it.each([
    ['block', 'block', undefined],
    ['aggregation', 'aggregation', undefined],
    ['attestation_0', 'attestation', 0],
    ['attestation_12', 'attestation', 12],
    ['attestation_', 'other', undefined],
    ['attestation_1x', 'other', undefined],
    ['attestation_1_2', 'other', undefined],
    ['my_attestation_1', 'other', undefined],
    ['blocks', 'other', undefined],
  ])('named %s are of the kind %s', (name, kind, subnet) => {
    expect(topicKind(leanTopic('12345678', name))).toBe(kind)
    expect(attestationSubnet(leanTopic('12345678', name))).toBe(subnet)
  })
})
