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

/** The name of a lean topic, which is short; any other topic as it is. */
export function topicName(topic: string): string {
  return leanTopicParts(topic)?.name ?? topic
}

const ATTESTATION_NAME = /^attestation_([0-9]+)$/

/** The subnet of an attestation's full topic string; undefined when it is no such topic. */
export function attestationSubnet(topic: string): number | undefined {
  const subnet = ATTESTATION_NAME.exec(topic.split('/')[3] ?? '')?.[1]
  return subnet === undefined ? undefined : Number(subnet)
}

/** The fork digest and the name of a lean topic; undefined when it is none. */
export function leanTopicParts(topic: string): { forkDigest: string; name: string } | undefined {
  const [, forkDigest, name] = /^\/leanconsensus\/([^/]+)\/([^/]+)\/ssz_snappy$/.exec(topic) ?? []
  return forkDigest === undefined || name === undefined ? undefined : { forkDigest, name }
}

/** The kind that the name in a full topic string says; whether it is a lean topic at all, `leanTopicParts` says. */
export function topicKind(topic: string): TopicKind | 'other' {
  const name = topic.split('/')[3] ?? ''
  if (name === 'block' || name === 'aggregation') return name
  return ATTESTATION_NAME.test(name) ? 'attestation' : 'other'
}
