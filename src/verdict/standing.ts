import { count, type Finding } from './cause.ts'
import type { CompanionDocument, NetworkDocument, TopicDocument } from './mesh-document.ts'

/** `waiting`: not well yet, and likely to mend without help. */
export type Level = 'good' | 'waiting' | 'bad'

/** How a network, or a companion, stands at a glance. */
export interface Standing {
  level: Level
  sentence: string
}

/** What is wrong in the first seconds of a network, or until somebody's back-off ends. */
const MENDING: readonly Finding['kind'][] = ['dialing', 'meshes_full', 'backed_off']

/** Topics that have a mesh at all. */
export function meshedTopics(topics: readonly TopicDocument[]): number {
  return topics.filter(({ mesh }) => mesh.length > 0).length
}

/** How many peers are where, and whether that is as it should be. */
export function standingOf(network: NetworkDocument, findings: readonly Finding[]): Standing {
  const { phase, meshPeers, topics, snapshotAgeSeconds: age } = network
  if (phase !== 'running') return { level: phase === 'starting' ? 'waiting' : 'bad', sentence: `The swarm is ${phase}` }
  if (age === undefined) return { level: 'waiting', sentence: 'The swarm runs, and has not said anything yet' }
  const sentence = `${count(meshPeers, 'peer')} in the mesh, in ${meshedTopics(topics)} of ${count(topics.length, 'topic')}, ${age.toFixed(1)} s ago`
  const wrong = findings.filter((finding) => finding.level === 'wrong')
  const level = wrong.length === 0 ? 'good' : wrong.every(({ kind }) => MENDING.includes(kind)) ? 'waiting' : 'bad'
  return { level, sentence }
}

/** How long a companion may be in no mesh before that is wrong, as the alert LeanmeshCompanionUnmeshed has it. */
const COMPANION_PATIENCE_SECONDS = 300

/** Whether a companion in no mesh may be waited for: its mesh is full, or it has pruned us. */
export function mendsByItself(state: string, sinceSeconds: number): boolean {
  return ['subscribed', 'pruned_backoff', 'meshed'].includes(state) && sinceSeconds < COMPANION_PATIENCE_SECONDS
}

export function companionStanding({ state, sinceSeconds = 0, sentence }: CompanionDocument): Standing {
  if (state === undefined) return { level: 'waiting', sentence }
  const level = state === 'meshed' ? 'good' : mendsByItself(state, sinceSeconds) ? 'waiting' : 'bad'
  return { level, sentence: `${sentence} (for ${duration(sinceSeconds)})` }
}

const UNITS = [
  { seconds: 86_400, unit: 'd' },
  { seconds: 3600, unit: 'h' },
  { seconds: 60, unit: 'min' },
] as const

/** In the largest unit of which there is at least one. */
function duration(seconds: number): string {
  const { seconds: length, unit } = UNITS.find((candidate) => seconds >= candidate.seconds) ?? { seconds: 1, unit: 's' }
  return `${Math.floor(seconds / length)} ${unit}`
}
