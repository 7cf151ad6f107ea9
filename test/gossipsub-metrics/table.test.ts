import { describe, expect, it } from 'vitest'
import { exportedMetrics } from '../../src/gossipsub-metrics/exported-metrics.ts'
import { GOSSIPSUB_ROWS } from '../../src/gossipsub-metrics/table.ts'
import type { GossipsubRow } from '../../src/gossipsub-metrics/row.ts'
import { gossipsubPackages, type Registration } from '../support/gossipsub-packages.ts'

const packages = await gossipsubPackages()
const [newest, former] = packages
const row = (name: string): GossipsubRow | undefined => GOSSIPSUB_ROWS.find(({ upstream }) => upstream === name)
const valuesOf = (name: string, label: string): unknown => row(name)?.labels[label]

/** What a metric is, from what gossipsub does with it: registering it as a gauge says nothing. */
function kindByUse({ kind, calls }: Registration): string {
  if (kind !== 'gauge') return kind
  if (calls.length === 0) return 'never used'
  return calls.every((call) => call === 'inc') ? 'counter' : 'gauge'
}

describe.each(packages)('the table, against $name as it is installed,', ({ registrations }) => {
  it('has a row for each metric, and each metric once', () => {
    expect(registrations.length).toBeGreaterThan(95)
    expect(registrations.filter(({ name }) => row(name) === undefined).map(({ name }) => name)).toEqual([])
    expect(new Set(registrations.map(({ name }) => name)).size).toBe(registrations.length)
  })

  it('says of each what it is by what gossipsub does with it', () => {
    const expected = Object.fromEntries(registrations.map((each) => [each.name, kindByUse(each)]))
    const classified = Object.fromEntries(registrations.map(({ name }) => [name, row(name)?.kind]))
    expect(classified).toEqual(expected)
  })

  it('has the labels of each by their names, and the bounds of each histogram, once each', () => {
    for (const { name, labelNames = [], buckets = [] } of registrations) {
      expect(Object.keys(row(name)?.labels ?? {}), name).toEqual(labelNames)
      expect(row(name)?.buckets ?? [], name).toEqual([...new Set(buckets)])
    }
  })
})

describe('the table', () => {
  it('has no row for what neither generation has', () => {
    const known = new Set(packages.flatMap(({ registrations }) => registrations.map(({ name }) => name)))
    expect(GOSSIPSUB_ROWS.filter(({ upstream }) => !known.has(upstream))).toEqual([])
  })

  it.each(packages)('has every value of a label that $name can give', ({ enums, source }) => {
    const values = (name: string) => Object.values(enums[name] ?? {}).filter((value) => value !== 'error')
    expect(valuesOf('gossipsub_msg_received_invalid_total', 'error')).toEqual(
      expect.arrayContaining([...values('RejectReason'), ...values('ValidateError')]),
    )
    expect(valuesOf('gossipsub_scoring_penalties_total', 'penalty')).toEqual(values('ScorePenalty'))
    expect(valuesOf('gossipsub_ihave_rcv_ignored_total', 'reason')).toEqual(values('IHaveIgnoreReason'))
    expect(valuesOf('gossipsub_peers_by_score_threshold_count', 'threshold')).toEqual(values('ScoreThreshold'))
    const quoted = (pattern: RegExp) =>
      [...new Set([...source.matchAll(pattern)].map(([, value = '']) => value))].sort()
    expect(valuesOf('gossipsub_cache_size', 'cache')).toEqual(
      quoted(/\{ cache: '([^']+)' \}/g).sort((a = '', b = '') => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    )
    expect(valuesOf('gossipsub_score_weights', 'p')).toEqual(quoted(/\bp: '([^']+)' \}/g))
    expect(valuesOf('gossipsub_protocol', 'protocol')).toEqual(quoted(/ID(?:v1\d)? = '(\/[^']+)'/g))
    expect(valuesOf('gossipsub_async_validation_mcache_hit_total', 'hit')).toEqual(['hit', 'miss'])
  })

  it('knows the ways on which a send is skipped, which only the newer generation counts', () => {
    const ways = Object.values(newest?.enums['IDontWantSkipPath'] ?? {})
    expect(valuesOf('gossipsub_idontwant_skipped_sends_total', 'on')).toEqual(ways)
    expect(former?.registrations.some(({ name }) => name === 'gossipsub_idontwant_skipped_sends_total')).toBe(false)
  })

  it('gives names that are right: one prefix, one suffix for counters, none that promtool warns of', () => {
    const exported = GOSSIPSUB_ROWS.flatMap(exportedMetrics)
    expect(new Set(exported.map(({ name }) => name)).size).toBe(exported.length)
    for (const { name, kind, help } of exported) {
      expect(name).toMatch(/^gossipsub_[a-z0-9]+(_[a-z0-9]+)*$/)
      expect(name.endsWith('_total'), name).toBe(kind === 'counter')
      expect(name).not.toMatch(/_(count|sum|bucket|info)$/)
      expect(help).toMatch(/^[A-Z1].*[^.]$/)
    }
  })

  it('keeps gossipsub’s own names, but for these', () => {
    const changed = GOSSIPSUB_ROWS.filter(({ name, upstream }) => name !== upstream)
    expect(Object.fromEntries(changed.map(({ name, upstream }) => [upstream, name]))).toEqual({
      // A prefix that is misspelt.
      gossisub_duplicate_msg_delivery_delay_seconds: 'gossipsub_duplicate_msg_delivery_delay_seconds',
      gossisub_duplicate_msg_late_delivery_total: 'gossipsub_duplicate_msg_late_delivery_total',
      gossisub_ignored_published_duplicate_msgs_total: 'gossipsub_ignored_published_duplicate_msgs_total',
      gossip_iwant_promise_untracked: 'gossipsub_iwant_promise_untracked_total',
      // A spelling that its siblings do not have.
      gossipsub_rpc_rcv_not_accepted_total: 'gossipsub_rpc_recv_not_accepted_total',
      // Counters without the suffix.
      gossipsub_heartbeat_skipped: 'gossipsub_heartbeat_skipped_total',
      gossipsub_iwant_promise_resolved_peers: 'gossipsub_iwant_promise_resolved_peers_total',
      gossipsub_iwant_promise_broken: 'gossipsub_iwant_promise_broken_total',
      gossipsub_iwant_message_pruned: 'gossipsub_iwant_message_pruned_total',
      // A time without its unit.
      gossipsub_async_validation_delay_from_first_seen: 'gossipsub_async_validation_delay_from_first_seen_seconds',
      // Levels with the suffix that histograms and summaries have for themselves.
      gossipsub_topic_peer_count: 'gossipsub_topic_peers',
      gossipsub_mesh_peer_count: 'gossipsub_mesh_peers',
      gossipsub_peers_per_protocol_count: 'gossipsub_peers_per_protocol',
      gossipsub_peers_by_score_threshold_count: 'gossipsub_peers_by_score_threshold',
      gossipsub_mcache_not_validated_count: 'gossipsub_mcache_not_validated',
    })
  })
})
