import { describe, expect, it } from 'vitest'
import { defaultTopicNames, leanTopic, TOPIC_PART_PATTERN } from '../../src/mesh/topics.ts'

describe('lean topics', () => {
  it('are written as the lean networks write them', () => {
    expect(leanTopic('12345678', 'block')).toBe('/leanconsensus/12345678/block/ssz_snappy')
  })

  it('are block, aggregation and one a subnet by default', () => {
    expect(defaultTopicNames(2)).toEqual(['block', 'aggregation', 'attestation_0', 'attestation_1'])
  })

  it.each(['', 'a/b', 'a b', 'x'.repeat(65), 'ünter'])('cannot have %j as a part', (part) => {
    expect(part).not.toMatch(TOPIC_PART_PATTERN)
  })
})
