import type { Sample } from './exposition-line.ts'
import { NAME_PATTERN, UNKNOWN_NAME } from '../mesh/names.ts'

/**
 * What a client calls its mesh peers. `sum`: memberships, a peer in three topics counts three times; `distinct`: peers;
 * `subscribers`: peers that subscribe, meshed or not.
 */
export const DEFINITIONS = ['sum', 'distinct', 'subscribers', 'unknown'] as const
export type Definition = (typeof DEFINITIONS)[number]

/** How the series of `lean_gossip_mesh_peers` are labelled; `other` is none of the ways that clients are known to use. */
type Shape = 'none' | 'total' | 'own' | 'remote' | 'other'
type Known = Exclude<Definition, 'unknown'>

/** The way of one client. */
interface Habit {
  definition: Known
  shape: Shape
  /** How a client with this way is spoken of. */
  words: string
}

/** As read from the clients' sources in mid 2026. qlean, nlean and leanSpec do not emit the metric. */
const HABITS: ReadonlyMap<string, Habit> = new Map<string, Habit>([
  ['zeam', { definition: 'sum', shape: 'none', words: 'sums memberships over topics' }],
  ['lantern', { definition: 'sum', shape: 'own', words: 'sums memberships over topics, under its own name' }],
  ['ethlambda', { definition: 'distinct', shape: 'remote', words: 'counts distinct peers by their names' }],
  [
    'ream',
    {
      definition: 'distinct',
      shape: 'total',
      words: 'counts distinct peers, and only when it subscribes or unsubscribes: the value may be old',
    },
  ],
  ['gean', { definition: 'subscribers', shape: 'none', words: 'counts the subscribers of its topics, meshed or not' }],
])

/** What a way of labelling leaves open, where the client is not known by name. */
const OPEN_BY_SHAPE: Readonly<Record<Shape, readonly Known[]>> = {
  none: ['sum', 'distinct', 'subscribers'],
  total: ['distinct'],
  own: ['sum'],
  remote: ['distinct'],
  other: ['sum', 'distinct', 'subscribers'],
}

/** A gossipsub mesh holds no more peers of one topic: D_high of the lean networks. */
const MAX_MESH_OF_TOPIC = 12
/** The label of lantern and of ethlambda with a single peer look the same. */
const OWN_OR_REMOTE = ['own', 'remote'] as const

/** What is known beside the series themselves. */
export interface CountingEvidence {
  /** Of `lean_node_info`, or of whoever knows which client it is. */
  clientName?: string
  /** What `lean_connected_peers` of the same reading adds up to. */
  connectedPeers?: number
  /** How many gossip topics the client subscribes to. */
  topics?: number
}

export interface MeshPeersReport {
  /** What the client says; absent where it says nothing that is a number of peers. */
  reported?: number
  definition: Definition
  /** Why this definition, in words. */
  why: string
}

/**
 * Which definition of mesh peers a client uses: first what its name and labels leave open, of that what the numbers do not rule out,
 * and `unknown` unless exactly one is left.
 */
export function meshPeersReport(samples: readonly Sample[], evidence: CountingEvidence): MeshPeersReport {
  if (samples.length === 0) return { definition: 'unknown', why: 'it does not report its mesh peers' }
  const reported = reportedValue(samples)
  if (reported === undefined) return { definition: 'unknown', why: 'what it reports is no number of peers' }
  const { open, why } = openDefinitions(shapesOf(samples), evidence.clientName)
  const against = contradictions(samples, reported, evidence).filter(({ ruledOut }) => {
    return ruledOut.some((definition) => open.includes(definition))
  })
  const left = open.filter((definition) => !against.some(({ ruledOut }) => ruledOut.includes(definition)))
  const [only] = left
  const definition = left.length === 1 && only !== undefined ? only : 'unknown'
  return { reported, definition, why: [why, ...against.map(({ reason }) => reason)].join('; ') }
}

/** The client's name as the table has it: `Lantern/v0.1`, `lantern_0` and `lantern` are all lantern. */
export function clientOf(name: string): string | undefined {
  return /^[a-z]+/.exec(name.slice(0, 100).trim().toLowerCase())?.[0]
}

function openDefinitions(shapes: readonly Shape[], name: string | undefined) {
  const client = name === undefined ? undefined : clientOf(name)
  const habit = client === undefined ? undefined : HABITS.get(client)
  const byShape = [...new Set(shapes.flatMap((shape) => OPEN_BY_SHAPE[shape]))]
  if (habit === undefined) {
    const whose = `${client ?? 'the client'} is not known by name`
    return { open: byShape, why: `${whose}, so only its labels say how it counts` }
  }
  if (shapes.includes(habit.shape)) return { open: [habit.definition], why: `${client} ${habit.words}` }
  return {
    open: byShape,
    why: `${client} was known to label its mesh peers otherwise, so only the labels say how it counts`,
  }
}

/** The ways of labelling that the series may be. */
function shapesOf(samples: readonly Sample[]): readonly Shape[] {
  if (samples.some(({ labels }) => [...labels.keys()].some((label) => label !== 'client'))) return ['other']
  const names = samples.map(({ labels }) => labels.get('client'))
  if (names.every((name) => name === undefined)) return ['none']
  if (names.length === 1 && names[0] === 'total') return ['total']
  if (!names.every((name) => name !== undefined && (name === UNKNOWN_NAME || NAME_PATTERN.test(name)))) return ['other']
  return names.length === 1 && names[0] !== UNKNOWN_NAME ? OWN_OR_REMOTE : ['remote']
}

function reportedValue(samples: readonly Sample[]): number | undefined {
  const total = samples.find(({ labels }) => labels.get('client') === 'total')
  const sum = total?.value ?? samples.reduce((sum, { value }) => sum + value, 0)
  const isCount = samples.every(({ value }) => value >= 0) && Number.isSafeInteger(sum)
  return isCount ? sum : undefined
}

/** Each fact that contradicts definitions. */
function contradictions(samples: readonly Sample[], reported: number, { connectedPeers, topics }: CountingEvidence) {
  const found: { ruledOut: readonly Known[]; reason: string }[] = []
  if (connectedPeers !== undefined && reported > connectedPeers) {
    const reason = `${reported} is more than its ${connectedPeers} connected peers, so it does not count distinct ones`
    found.push({ ruledOut: ['distinct'], reason })
  }
  if (samples.some(({ labels, value }) => value > 1 && NAME_PATTERN.test(labels.get('client') ?? ''))) {
    found.push({ ruledOut: ['distinct'], reason: 'one name has more than 1, so it does not count distinct peers' })
  }
  if (topics !== undefined && reported > topics * MAX_MESH_OF_TOPIC) {
    const reason = `${reported} is more than the meshes of ${topics} topics can hold, so it counts more than the mesh`
    found.push({ ruledOut: ['distinct', 'sum'], reason })
  }
  return found
}
