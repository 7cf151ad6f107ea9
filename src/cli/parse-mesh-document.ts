import * as z from 'zod'
import type { MeshDocument } from '../verdict/mesh-document.ts'

const peer = z.object({ peerId: z.string(), name: z.string().nullable() })
const totals = z.record(z.string(), z.number()).default({})
const failing = z.object({ name: z.string(), error: z.string() })
const phase = z.enum(['connected', 'dialing', 'waiting', 'self'])
const digest = z.object({ forkDigest: z.string(), peers: z.number() })
const head = peer.extend({
  headSlot: z.number(),
  headRoot: z.string(),
  finalizedSlot: z.number(),
  finalizedRoot: z.string(),
  ageSeconds: z.number(),
})
const topic = z.object({
  topic: z.string(),
  subscribers: z.number(),
  mesh: z.array(peer),
  deficit: z.number().default(0),
  candidates: z.number().default(0),
  backoffs: z.number().default(0),
})
const clock = z.object({
  state: z.enum(['untimed', 'unjudged', 'good', 'suspect']),
  offsetSeconds: z.number().exactOptional(),
  sentence: z.string().exactOptional(),
})
const companion = peer.extend({
  phase: z.enum([...phase.options, 'unknown']),
  lastError: z.string().exactOptional(),
  state: z.string().exactOptional(),
  sinceSeconds: z.number().exactOptional(),
  sentence: z.string().default(''),
})
/** What came into `/v1` after its first version has a default. */
const network = z.object({
  networkId: z.string(),
  phase: z.enum(['stopped', 'starting', 'running', 'restarting']),
  lastError: z.string().exactOptional(),
  peerId: z.string().exactOptional(),
  listenAddresses: z.array(z.string()).default([]),
  snapshotAgeSeconds: z.number().exactOptional(),
  meshPeers: z.number(),
  lastMessageAgeSeconds: totals,
  clock: clock.exactOptional(),
  connectedPeers: z.array(peer.extend({ agent: z.string().exactOptional() })),
  forkDigest: z.string().exactOptional(),
  foreignForks: z.object({ peers: z.number(), digests: z.array(digest) }).default({ peers: 0, digests: [] }),
  topics: z.array(topic),
  targets: z.array(peer.extend({ phase, failures: z.number(), lastError: z.string().exactOptional() })),
  currentSlot: z.number().exactOptional(),
  heads: z.array(head).default([]),
  companion: companion.exactOptional(),
  restarts: totals,
  droppedCommands: totals,
})
const document: z.ZodType<MeshDocument> = z.object({
  version: z.string(),
  generatedAt: z.string(),
  clientLabels: z.boolean(),
  networks: z.array(network),
  neverSeen: z.array(z.string()).default([]),
  refreshers: z.array(failing).exactOptional(),
})

/** The document in the text of an answer, or what is wrong with the text, in words that continue `the answer …`. */
export function parseMeshDocument(text: string): MeshDocument | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'is not JSON'
  }
  const { success, data, error } = document.safeParse(value)
  if (success) return data
  const [issue] = error.issues
  return `is not what /v1/mesh of a sidecar says (${issue?.path.join('.') || 'its top'}: ${issue?.message})`
}
