import { expect, it } from 'vitest'
import { mendDeliveryRecords } from '../../src/swarm/mend-delivery-records.ts'
import { createTestNode } from '../support/test-node.ts'

interface Scores {
  deliveryRecords: { records: ReadonlyMap<string, unknown> }
  validateMessage(id: string): void
  deliverMessage(from: string, id: string, topic: string): void
  duplicateMessage(from: string, id: string, topic: string): void
  rejectMessage(from: string, id: string, topic: string, reason: string): void
}

it('no record is kept of who delivered a message, for nobody is scored by it', async () => {
  const node = await createTestNode()
  const score = Reflect.get(node.pubsub, 'score') as Scores
  score.validateMessage('accepted')
  score.deliverMessage('peer', 'accepted', 'topic')
  score.duplicateMessage('other', 'accepted', 'topic')
  score.rejectMessage('peer', 'rejected', 'topic', 'reject')
  expect(score.deliveryRecords.records.size).toBe(0)
})

it('a topic that is scored is refused at start, because its scores would all be 0', () => {
  const ignore = () => undefined
  const score = {
    params: { topics: { block: {} } },
    validateMessage: ignore,
    deliverMessage: ignore,
    duplicateMessage: ignore,
    rejectMessage: ignore,
    rejectInvalidMessage: ignore,
  }
  expect(() => mendDeliveryRecords({ score })).toThrow('topics are scored')
  expect(() => mendDeliveryRecords({ score: { ...score, params: { topics: {} } } })).not.toThrow()
})

it('a gossipsub that keeps its records elsewhere is refused at start', () => {
  expect(() => mendDeliveryRecords({})).toThrow('records of deliveries elsewhere')
  expect(() => mendDeliveryRecords({ score: {} })).toThrow('records of deliveries elsewhere')
})
