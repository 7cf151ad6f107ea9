import { expect, test } from 'vitest'
import type { CompanionDocument } from '../../src/http/mesh-document.ts'
import { companionSentence } from '../../src/http/standing.ts'
import { network, REAM, ZEAM } from './mesh-fixture.ts'

const sentence = (companion: CompanionDocument) => companionSentence(network({ companion }))

test('the companion is in some of the topic meshes, or not connected for a reason, or unknown', () => {
  expect(companionSentence(network())).toBeUndefined()
  expect(sentence({ ...ZEAM, phase: 'connected' })).toBe('companion zeam_0: in the mesh of 2 of 2 topics')
  expect(sentence({ ...REAM, phase: 'connected' })).toBe('companion ream_1: in the mesh of 1 of 2 topics')
  expect(sentence({ ...ZEAM, phase: 'waiting', lastError: 'connect ECONNREFUSED' })).toBe(
    'companion zeam_0: not connected: connect ECONNREFUSED',
  )
  expect(sentence({ ...ZEAM, phase: 'dialing' })).toBe('companion zeam_0: not connected: still dialling')
  expect(sentence({ peerId: 'a', name: null, phase: 'unknown' })).toBe(
    'companion a: unknown while the network does not run',
  )
})
