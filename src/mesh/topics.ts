/** What a lean topic carries, without the subnet's number. */
export const TOPIC_KINDS = ['block', 'aggregation', 'attestation'] as const
export type TopicKind = (typeof TOPIC_KINDS)[number]

/** `block`, `aggregation` and one attestation topic a subnet. */
export function defaultTopicNames(attestationSubnets: number): string[] {
  const subnets = Array.from({ length: attestationSubnets }, (_, subnet) => `attestation_${subnet}`)
  return ['block', 'aggregation', ...subnets]
}

/** The full topic string of a lean topic: `/leanconsensus/<forkDigest>/<name>/ssz_snappy`. */
export function leanTopic(forkDigest: string, name: string): string {
  return `/leanconsensus/${forkDigest}/${name}/ssz_snappy`
}

/** The kind of a full topic string; `other` when it is no lean topic. */
export function topicKind(topic: string): TopicKind | 'other' {
  const name = topic.split('/')[3] ?? ''
  if (name === 'block' || name === 'aggregation') return name
  return /^attestation_[0-9]+$/.test(name) ? 'attestation' : 'other'
}
