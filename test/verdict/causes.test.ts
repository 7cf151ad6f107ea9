import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { causesOf } from '../../src/verdict/causes.ts'
import type { MeshDocument, NetworkDocument, TargetDocument } from '../../src/verdict/mesh-document.ts'
import { parseMeshDocument } from '../../src/cli/parse-mesh-document.ts'
import { BLOCK, meshDocument, network, REAM, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'

const CONNECTED: TargetDocument[] = [{ ...ZEAM, phase: 'connected', failures: 0 }]
const FAILING: TargetDocument = { ...REAM, phase: 'waiting', failures: 3, lastError: 'connection refused' }
const FOREIGN = { peers: 3, digests: [{ forkDigest: 'devnet0', peers: 3 }] }
const NO_RESTARTS = { exit: 0 }
const topic = (changes: object) => [{ topic: BLOCK, subscribers: 0, mesh: [], ...SUPPLY, ...changes }]
const head = (name: typeof ZEAM, headSlot: number, finalizedRoot = 'f1') => ({
  ...name,
  headSlot,
  headRoot: 'c4'.repeat(32),
  finalizedSlot: 1190,
  finalizedRoot: finalizedRoot.repeat(32),
  ageSeconds: 3,
})

/** A network of which there is nothing to say but that it is well. */
function wellNetwork(changes: Partial<NetworkDocument> = {}): NetworkDocument {
  return network({ targets: CONNECTED, heads: [head(ZEAM, 1204)], restarts: NO_RESTARTS, ...changes })
}

const unmeshed = { meshPeers: 0, topics: topic({}) }
const alone = { ...unmeshed, connectedPeers: [] }
const companion = { ...REAM, phase: 'waiting' as const, lastError: 'timeout', sentence: '' }
const mute = { ...REAM, phase: 'connected' as const, state: 'no_gossipsub', sentence: 'it speaks no gossipsub' }
const { snapshotAgeSeconds: _, ...unsaid } = wellNetwork(alone)

describe('why a mesh is as it is', () => {
  test.each<[string, Partial<NetworkDocument>, RegExp, RegExp]>([
    ['not_running', { phase: 'restarting', lastError: 'exit code 134' }, /reads 0/, /exit code 134/],
    ['not_running', { phase: 'starting' }, /ask again/, /^$/],
    ['not_running', { phase: 'stopped' }, /is stopped/, /^$/],
    ['snapshot_old', { snapshotAgeSeconds: 31.4 }, /busy or hangs/, /is 31 s old/],
    ['no_peers_configured', { ...alone, targets: [] }, /no peer is configured/, /^$/],
    ['unreachable', { ...alone, targets: [FAILING] }, /nothing can be reached of 1/, /ream_1: connection refused, 3 f/],
    ['dialing', { ...alone, targets: [{ ...ZEAM, phase: 'dialing', failures: 0 }] }, /still being dialled/, /^$/],
    ['fork_digest', { ...unmeshed, foreignForks: FOREIGN }, /another fork digest/, /12345678 \| 3 peers on .+ devnet0/],
    ['nobody_subscribes', unmeshed, /nobody subscribes/, /connected to 3 peers \| our topics: block$/],
    ['backed_off', { meshPeers: 0, topics: topic({ subscribers: 2, backoffs: 1 }) }, /they pruned us/, /in: block$/],
    ['meshes_full', { meshPeers: 0, topics: topic({ subscribers: 2 }) }, /theirs are full/, /^2 peers subscribed/],
    ['companion', { companion }, /ream_1 is not connected/, /timeout/],
    [
      'companion',
      { companion: mute, topics: topic({ mesh: [ZEAM], subscribers: 1 }) },
      /in no mesh of ours/,
      /it speaks no gossipsub/,
    ],
    ['companion', { companion: { ...REAM, phase: 'self', sentence: '' } }, /has the key of this sidecar/, /16Uiu2/],
    [
      'clock',
      { clock: { state: 'suspect', offsetSeconds: -60, sentence: 'off by about 60 s, too early' } },
      /clock or the genesis time is off/,
      /off by about 60 s, too early/,
    ],
    ['clock', { clock: { state: 'suspect' } }, /clock or the genesis time is off/, /does not fit/],
    ['blocks_stopped', { lastMessageAgeSeconds: { block: 61 } }, /Blocks have stopped/, /61 s ago/],
    ['finality_differs', { heads: [head(ZEAM, 1204), head(REAM, 1203, 'a0')] }, /has forked/, /ream_1: .+ a0a0a0a0$/],
    ['chain_behind', { currentSlot: 1221 }, /near the present slot/, /present slot is 1221, the best head 1204/],
    ['heads_lag', { heads: [head(ZEAM, 1204), head(REAM, 1187)] }, /^1 named peer behind/, /ream_1: .+ 17 behind/],
    ['peers_missing', { targets: [...CONNECTED, FAILING] }, /^1 of 2 configured peers/, /connection refused/],
  ])('%s: %o', (kind, changes, sentence, evidence) => {
    const [first, ...others] = causesOf(meshDocument({ networks: [wellNetwork(changes)] }))
    expect(first).toMatchObject({ kind, level: 'wrong', networkId: '0', sentence: expect.stringMatching(sentence) })
    expect(first?.evidence.join(' | ')).toMatch(evidence)
    expect(others.filter(({ level }) => level === 'wrong')).toEqual([])
  })

  test('a running network that has not said anything yet', () => {
    expect(causesOf(meshDocument({ networks: [unsaid] })).map(({ kind }) => kind)).toEqual(['snapshot_old'])
  })

  test('all is well, with what is worth knowing behind it', () => {
    expect(causesOf(meshDocument({ networks: [wellNetwork()] }))).toEqual([
      {
        kind: 'well',
        level: 'well',
        networkId: '0',
        sentence: 'The mesh is well: 2 peers in it.',
        evidence: ['2 of 2 topics with a mesh', 'the snapshot is 0.2 s old'],
      },
    ])
    const topics = [...topic({ mesh: [ZEAM], subscribers: 1, deficit: 5 }), ...topic({ subscribers: 1 })]
    const noted = wellNetwork({
      topics,
      foreignForks: FOREIGN,
      restarts: { exit: 2 },
      companion: { ...REAM, phase: 'connected', sentence: '' },
    })
    const kinds = causesOf(meshDocument({ networks: [noted] })).map(({ kind, level }) => `${level} ${kind}`)
    const notes = ['companion', 'foreign_peers', 'empty_topics', 'small_network', 'restarted']
    expect(kinds).toEqual(['well well', ...notes.map((kind) => `note ${kind}`)])
  })

  test('what is wrong with any network stands before what is well with another', () => {
    const networks = [wellNetwork(), wellNetwork({ networkId: 'b', ...unmeshed })]
    const document = meshDocument({ networks, neverSeen: ['qlean_2'], refreshers: [{ name: 'names', error: 'gone' }] })
    expect(causesOf(document).map(({ kind, networkId }) => `${networkId} ${kind}`)).toEqual([
      'b nobody_subscribes',
      'undefined never_seen',
      'undefined refresher',
      '0 well',
    ])
    expect(causesOf(meshDocument({ networks: [] }))).toMatchObject([{ kind: 'no_networks', level: 'wrong' }])
  })

  test('the likelier cause stands first, and of many examples a few are told', () => {
    const targets = Array.from({ length: 9 }, (_, index) => ({ ...FAILING, name: `ream_${index}` }))
    const document = meshDocument({
      networks: [wellNetwork({ ...unmeshed, foreignForks: FOREIGN, targets, companion })],
    })
    const causes = causesOf(document)
    expect(causes.map(({ kind }) => kind)).toEqual(['fork_digest', 'companion', 'peers_missing'])
    expect(causes[2]?.evidence).toHaveLength(6)
    expect(causes[2]?.evidence[5]).toBe('and 4 more')
  })
})

const text = fc.string({ unit: 'binary', maxLength: 400 })
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 61))
const peer = fc.record({ peerId: text, name: fc.option(text) })
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 })
const merged = <A, B>(first: fc.Arbitrary<A>, second: fc.Arbitrary<B>) =>
  fc.tuple(first, second).map(([a, b]): A & B => ({ ...a, ...b }))
const PHASES = ['connected', 'dialing', 'waiting', 'self'] as const
const required = {
  networkId: text,
  phase: fc.oneof(fc.constant('running' as const), fc.constantFrom('stopped', 'starting', 'restarting')),
  listenAddresses: some(text),
  meshPeers: fc.oneof(fc.constant(0), number),
  lastMessageAgeSeconds: fc.dictionary(text, number),
  connectedPeers: some(peer),
  foreignForks: fc.record({ peers: number, digests: some(fc.record({ forkDigest: text, peers: number })) }),
  topics: some(
    fc.record({
      topic: text,
      subscribers: number,
      mesh: some(peer),
      deficit: number,
      candidates: number,
      backoffs: number,
    }),
  ),
  targets: some(
    merged(
      peer,
      fc.record(
        { phase: fc.constantFrom(...PHASES), failures: number, lastError: text },
        { requiredKeys: ['phase', 'failures'] },
      ),
    ),
  ),
  heads: some(
    merged(
      peer,
      fc.record({ headSlot: number, headRoot: text, finalizedSlot: number, finalizedRoot: text, ageSeconds: number }),
    ),
  ),
  restarts: fc.dictionary(text, number),
  droppedCommands: fc.dictionary(text, number),
}
const optional = {
  lastError: text,
  peerId: text,
  snapshotAgeSeconds: number,
  clock: fc.record(
    { state: fc.constantFrom('untimed', 'unjudged', 'good', 'suspect'), offsetSeconds: number },
    { requiredKeys: ['state'] },
  ),
  forkDigest: text,
  currentSlot: number,
  companion: merged(peer, fc.record({ phase: fc.constantFrom(...PHASES, 'unknown'), state: text, sentence: text })),
}
const networks = some(
  fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) as (keyof typeof required)[] }),
) as fc.Arbitrary<NetworkDocument[]>
const documents = fc.record({
  networks,
  neverSeen: some(text),
  refreshers: some(fc.record({ name: text, error: text })),
})

function expectCauses(document: MeshDocument): void {
  const causes = causesOf(document)
  expect(causes.length).toBeGreaterThan(0)
  expect(causesOf(structuredClone(document))).toEqual(causes)
  for (const { sentence, evidence } of causes) {
    expect(sentence).not.toBe('')
    for (const line of [sentence, ...evidence]) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  }
  const levels = causes.map(({ level }) => ['wrong', 'well', 'note'].indexOf(level))
  expect(levels).toEqual(levels.toSorted((a, b) => a - b))
  for (const { networkId } of document.networks.slice(0, 1))
    expect(causes.filter(({ level }) => level !== 'note').length, networkId).toBeGreaterThanOrEqual(
      document.networks.length,
    )
}

describe('whatever a document says', () => {
  test('each network has a sentence, the same each time, on one line', () => {
    fc.assert(fc.property(documents, (changes) => expectCauses(meshDocument(changes))))
  })

  test('any JSON is read as a document, or refused with a reason', () => {
    const asText = fc.oneof(
      fc.json(),
      text,
      networks.map((list) => JSON.stringify(meshDocument({ networks: list }))),
    )
    fc.assert(
      fc.property(asText, (given) => {
        const parsed = parseMeshDocument(given)
        if (typeof parsed === 'string') expect(parsed).toMatch(/^is not /)
        else expectCauses(parsed)
      }),
    )
  })

  test('200,000 topics and heads are no more trouble than two', () => {
    const many = Array.from({ length: 200_000 })
    const topics = many.flatMap(() => topic({ subscribers: 1 }))
    const heads = many.map(() => head(ZEAM, 7))
    const [first] = causesOf(meshDocument({ networks: [wellNetwork({ meshPeers: 0, topics, heads })] }))
    expect(first?.kind).toBe('meshes_full')
  })
})
