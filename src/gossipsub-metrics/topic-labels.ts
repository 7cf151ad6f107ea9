/** The label of everything that has no label of its own. */
export const OTHER = 'other'

/** Topics that are told apart at a time, at most. */
export const MAX_TOPICS = 256

/**
 * A map from topic to label for gossipsub's option `metricsTopicStrToLabel`. Of a topic that is not in it the label is
 * `other`: gossipsub would take the topic itself, which any peer can make up.
 *
 * @param onLimit called for each topic that there was no room for
 */
export function createTopicLabels(
  topics: Iterable<readonly [topic: string, label: string]>,
  onLimit: () => void,
): Map<string, string> {
  const labels = new Map<string, string>()
  const get = labels.get.bind(labels)
  const set = labels.set.bind(labels)
  labels.get = (topic) => get(topic) ?? OTHER
  labels.set = (topic, label) => {
    if (labels.has(topic) || labels.size < MAX_TOPICS) return set(topic, label)
    onLimit()
    return labels
  }
  for (const [topic, label] of topics) labels.set(topic, label)
  return labels
}
