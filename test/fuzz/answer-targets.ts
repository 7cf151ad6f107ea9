/** What the programs say that the sidecar asks: the companion's metrics, the receiver of pushes, its own children. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parseReport } from '../../src/channel/parse-report.ts'
import { meshPeersReport } from '../../src/companion/counting-habits.ts'
import { createExpositionParser, MAX_SAMPLES } from '../../src/companion/exposition-parser.ts'
import { judgeMetric, metadataNames } from '../../src/companion/judge-metric.ts'
import { OTLP_FAILURES } from '../../src/exporters/otlp-failure.ts'
import { createOtlpTransport } from '../../src/exporters/otlp-transport.ts'
import { LEAN_NETWORK_METRICS } from '../../src/mesh/lean-metrics.ts'
import { gossipsubSamples } from '../../src/metrics/gossipsub.ts'
import { meshSamples } from '../../src/metrics/mesh.ts'
import { networkSamples } from '../../src/metrics/networks.ts'
import { swarmTotalSamples } from '../../src/metrics/swarm-totals.ts'
import { serveSocket } from '../support/metrics-server.ts'
import { BLOCK, companionOf, headOf, networkState, snapshotOf } from '../support/network-states.ts'
import { mutatedBytes, mutatedJson, mutatedText } from './mutated.ts'
import { fuzzTarget, judgeSentence } from './target.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/client-metrics')
const CLIENTS = globSync('*.txt', { cwd: FIXTURES }).map((name) => readFileSync(join(FIXTURES, name), 'utf8'))
const LINES = [
  '# TYPE lean_gossip_mesh_peers gauge\n',
  'lean_gossip_mesh_peers{client="zeam_0"} 1 ',
  '# EOF\n',
  '{a="',
  '} 1\n',
]

const exposition = fuzzTarget({
  name: 'client-metrics',
  inputs: mutatedText(CLIENTS, LINES),
  form: 'text',
  weight: 6,
  names: /^$/,
  read(text: string) {
    const wanted = LEAN_NETWORK_METRICS.flatMap(metadataNames)
    const parser = createExpositionParser({ wanted, prefix: 'lean_' })
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 997) parser.push(bytes.subarray(at, at + 997))
    const parsed = parser.end()
    const verdicts = LEAN_NETWORK_METRICS.map((metric) => judgeMetric(metric, parsed, text.length % 2 === 0))
    const { why } = meshPeersReport(parsed.families.get('lean_gossip_mesh_peers')?.samples ?? [], { topics: 3 })
    for (const sentence of [...parsed.problems, ...verdicts.flatMap(({ deviations }) => deviations), why]) {
      judgeSentence(sentence, /./)
    }
    for (const { samples } of parsed.families.values()) assert.ok(samples.length <= MAX_SAMPLES)
    return parsed.isReadable
  },
})

const server = await serveSocket((socket) => socket.end(answered))
let answered: Uint8Array = new Uint8Array()
const transport = createOtlpTransport({
  url: server.url,
  headers: { 'api-key': 's3cret' },
  compression: 'none',
  timeoutMs: 10_000,
  userAgent: 'fuzz',
})
/** As ExportMetricsServiceResponse: https://github.com/open-telemetry/opentelemetry-proto */
const PARTIAL = Buffer.from([0x0a, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f])
const http = (head: string, body: Uint8Array = Buffer.of()) => Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body])

const otlpAnswers = fuzzTarget({
  name: 'otlp-answer',
  inputs: mutatedBytes(
    fc.constantFrom(
      http('HTTP/1.1 200 OK', PARTIAL),
      http('HTTP/1.1 503 No\r\nRetry-After: 5'),
      http('HTTP/1.1 429 No\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT'),
      http('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', Buffer.from('3\r\n\x0a\x01\x00\r\n0\r\n\r\n')),
      http('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade'),
    ),
  ),
  form: 'hex',
  weight: 0.5,
  names: /^$/,
  async read(bytes: Uint8Array) {
    answered = bytes
    const outcome = await transport.send(Buffer.from('a push'), new AbortController().signal)
    if (outcome.ok) return true
    assert.ok(OTLP_FAILURES.includes(outcome.reason))
    judgeSentence(outcome.detail, /./)
    assert.ok(!outcome.detail.includes('s3cret'))
    assert.ok((outcome.retryAfterMs ?? 0) >= 0 && (outcome.retryAfterMs ?? 0) <= 300_000)
    return false
  },
})

const histogram = { metric: 'lean_gossip_block_size_bytes', labels: {}, value: { counts: [1, 0], sum: 2 } }
const SNAPSHOT = snapshotOf({
  topics: [{ topic: BLOCK, mesh: ['a'], subscribers: 1 }],
  connectedPeers: ['a'],
  targets: [{ peerId: 'a', phase: 'waiting', failures: 1, lastError: 'refused', failure: 'unreachable' }],
  companion: companionOf('a', { topics: [BLOCK] }),
  messages: { lastAcceptedAtMs: { block: 5 }, clock: { state: 'suspect', offsetSeconds: -3 } },
  heads: [headOf('a')],
  totals: [
    { metric: 'leanmesh_gossip_messages_total', labels: { topic_kind: 'block', result: 'accepted' }, value: 1 },
    histogram,
  ],
  gossipsub: { totals: [{ metric: 'gossipsub_heartbeat_skipped_total', labels: {}, value: 1 }], levels: [] },
})
const REPORTS = [
  { type: 'booted' },
  { type: 'snapshot', id: 1, snapshot: SNAPSHOT },
  { type: 'failed', message: 'why' },
  { type: 'warning', message: 'what', suppressed: 2 },
]

const reports = fuzzTarget({
  name: 'swarm-report',
  inputs: mutatedJson(REPORTS),
  form: 'json',
  weight: 8,
  names: /^the swarm sent a wrong message \(.+: .+\)$/,
  read(message: unknown) {
    const report = parseReport(message)
    if (report.type !== 'snapshot') return true
    const { totals, gossipsub } = report.snapshot
    const state = networkState({ phase: 'running', snapshot: report.snapshot, totals, ...(gossipsub && { gossipsub }) })
    const names = new Map([['a', 'zeam_0']])
    const samples = [
      ...meshSamples([state], names),
      ...networkSamples([state], 0),
      ...swarmTotalSamples([state], names, () => undefined),
      ...gossipsubSamples([state], () => undefined),
    ]
    // Whatever it says, the series are those of the tables.
    assert.ok(samples.length < 1_500, `${samples.length} series`)
    for (const { labels } of samples) assert.ok(Object.values(labels).every((value) => value.length < 300))
    return true
  },
})

export const ANSWER_TARGETS = [exposition, otlpAnswers, reports] as const
export const closeAnswers = (): PromiseLike<void> => server[Symbol.asyncDispose]()
