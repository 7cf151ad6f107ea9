import { describe, expect, it } from 'vitest'
import { defaultTopicNames, leanTopic } from '../../src/mesh/topics.ts'

describe('lean topics', () => {
  it('are written as the lean networks write them', () => {
    expect(leanTopic('12345678', 'block')).toBe('/leanconsensus/12345678/block/ssz_snappy')
  })

  it('are block, aggregation and one a subnet by default', () => {
    expect(defaultTopicNames(2)).toEqual(['block', 'aggregation', 'attestation_0', 'attestation_1'])
  })
})
