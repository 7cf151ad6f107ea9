interface Scores {
  params: { topics: object }
  [method: string]: unknown
}

/** What keeps a record of the message, or reads one. */
const TRACKING = ['validateMessage', 'deliverMessage', 'duplicateMessage', 'rejectMessage', 'rejectInvalidMessage']

function scoresOf(pubsub: object): Scores | undefined {
  const score: unknown = Reflect.get(pubsub, 'score')
  if (typeof score !== 'object' || score === null) return undefined
  const isKnown = TRACKING.every((method) => typeof Reflect.get(score, method) === 'function')
  return isKnown && typeof Reflect.get(score, 'params') === 'object' ? (score as Scores) : undefined
}

/**
 * js gossipsub 17.1 remembers for two minutes who delivered each message, to score peers by it, also where no topic is
 * scored: at 1,000 messages a second that is a heap of 120,000 records that nobody reads.
 *
 * @param pubsub one whose `scoreParams` score no topic
 * @throws Error when this gossipsub keeps its scores elsewhere: then this piece has to be looked at again
 */
export function mendDeliveryRecords(pubsub: object): void {
  const scores = scoresOf(pubsub)
  if (!scores) throw new Error('this gossipsub keeps its records of deliveries elsewhere')
  if (Object.keys(scores.params.topics).length > 0) throw new Error('topics are scored, by records that are not kept')
  for (const method of TRACKING) scores[method] = () => undefined
}
