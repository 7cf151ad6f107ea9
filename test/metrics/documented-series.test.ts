/** What docs/scale.md says of the number of series of one sidecar, held against scrapes. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createTotals } from '../../src/measure/totals.ts'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'
import { defaultTopicNames, leanTopic } from '../../src/mesh/topics.ts'
import { OTLP_FAILURE_REASONS } from '../../src/metrics/sidecar-rows.ts'
import { parseExposition } from '../support/exposition.ts'
import { setUpMetrics, type MetricsSetupOptions } from '../support/metrics-setup.ts'
import { dashboard, rules } from '../support/monitoring.ts'
import { companionOf, fakeNetwork, headOf, networkState, snapshotOf } from '../support/network-states.ts'

const DOCUMENT = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8')

interface Shape {
  names: number
  networks: number
  /** Of each network. */
  topics: number
}

/** What has happened in a network. */
interface Happened {
  /** Kinds of which a message came, and whether the clock was judged. */
  messages?: Partial<Snapshot['messages']>
  /** The first so many of the names have brought a message. */
  deliver?: number
  /** The first so many of the names have told a head. */
  tell?: number
  finalizedRoot?: string
  /** The settings know the genesis folder; the companion's topics are known. */
  genesis?: boolean
  companion?: boolean
}

const ZERO_ROOT = '0'.repeat(64)
const ALL_MESSAGES = {
  lastAcceptedAtMs: { block: 1, aggregation: 1, attestation: 1 },
  clock: { state: 'good', offsetSeconds: 0.2 },
} as const
const TRAFFIC: Happened = { messages: ALL_MESSAGES, deliver: 10, tell: 10, finalizedRoot: 'f1' }
type Failures = Record<(typeof OTLP_FAILURE_REASONS)[number], number>
const FAILURES = Object.fromEntries(OTLP_FAILURE_REASONS.map((reason) => [reason, 0])) as Failures
const REFUSED = { handshake: 0, client_certificate: 0, credentials: 0, throttled: 0, rate_limit: 0 }
const PUSHED = { exports: 1, failures: FAILURES, lastSuccessAgeSeconds: 1 }
const SMALL: Shape = { names: 1, networks: 1, topics: 3 }

const peers = (count: number) => Array.from({ length: count }, (_, index) => `peer-${index}`)

function network(shape: Shape, index: number, happened: Happened): NetworkState {
  const topics = defaultTopicNames(shape.topics - 2).map((name) => leanTopic('12345678', name))
  const { messages, deliver = 0, tell = 0, finalizedRoot = ZERO_ROOT } = happened
  const totals = createTotals(topics)
  const count = (most: number) => Math.min(most, shape.names)
  for (const peer of peers(count(deliver))) totals.addClient(`zeam_${peer}`)
  const heads = peers(count(tell)).map((peer) => headOf(peer, { finalizedRoot }))
  const snapshot = snapshotOf({
    heads,
    messages: { ...snapshotOf().messages, ...messages },
    ...(happened.companion && { companion: companionOf('peer-0', { topics }) }),
  })
  const committees = happened.genesis ? { attestationCommittees: 1 } : {}
  const standing = happened.companion ? { companion: { state: 'subscribed', sinceMs: 0 } as const } : {}
  const networkId = `devnet-${index}`
  return networkState({
    networkId,
    phase: 'running',
    topics,
    snapshot,
    totals: totals.read(),
    ...committees,
    ...standing,
  })
}

/** The names of the series, one for each. What happened did so in the first network; in the others only messages came. */
async function seriesOf(shape: Shape, happened: Happened = {}, options: MetricsSetupOptions = {}): Promise<string[]> {
  const { messages } = happened
  const states = Array.from({ length: shape.networks }, (_, index) =>
    network(shape, index, index === 0 ? happened : { ...(messages && { messages }) }),
  )
  const names = new Map(peers(shape.names).map((peer) => [peer, `zeam_${peer}`]))
  const { scrape } = setUpMetrics(
    states.map((state) => fakeNetwork(state)),
    { ...(shape.names > 0 && { names: () => names }), ...options },
  )
  return parseExposition(await scrape()).flatMap(({ samples }) => samples.map(({ name }) => name))
}

/** Rows of the tables, by their first cell. */
function rowsOf(firstCell: RegExp): string[][] {
  const rows = DOCUMENT.split('\n').filter((line) => line.startsWith('| '))
  const cells = rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  return cells.filter(([first = '']) => firstCell.test(first))
}

const numbersIn = (text = '') =>
  Array.from(text.matchAll(/[\d,]*\d/g), ([digits]) => Number(digits.replaceAll(',', '')))

/** The numbers of the one sentence, line or row that fits. */
function documented(pattern: RegExp): number[] {
  const numbers = pattern
    .exec(DOCUMENT)
    ?.slice(1)
    .map((digits) => Number(digits.replaceAll(',', '')))
  if (numbers === undefined) throw new Error(`docs/scale.md has nothing like ${pattern.source}`)
  return numbers
}

describe('the series of a sidecar at rest', () => {
  const [base = 0, perNetwork = 0, perTopic = 0, perName = 0] = documented(
    /^ {4}series = (\d+) \+ (\d+) × networks \+ (\d+) × topics \+ (\d+) × names \+ names × networks$/m,
  )
  const shapes = [0, 100].flatMap((names) =>
    [1, 2].flatMap((networks) => [3, 10].map((topics) => ({ names, networks, topics }))),
  )

  test.each(shapes)('are what the formula says: $names names, $networks networks of $topics topics', async (shape) => {
    const { names, networks, topics } = shape
    const formula = base + perNetwork * networks + perTopic * topics * networks + perName * names + names * networks
    expect(await seriesOf(shape)).toHaveLength(formula)
  })

  const tabled = rowsOf(/^[\d,]+$/).filter(([, shape = '']) => /networks?, \d+ topics/.test(shape))

  test('are in a table of seven shapes', () => {
    expect(tabled).toHaveLength(7)
  })

  test.each(tabled)('and with traffic are in the table: %s names, %s', async (count, shape, atRest, withTraffic) => {
    const [names = 0] = numbersIn(count)
    const [networks = 0, topics = 0] = numbersIn(shape)
    expect((await seriesOf({ names, networks, topics })).length).toBe(numbersIn(atRest)[0])
    expect((await seriesOf({ names, networks, topics }, TRAFFIC)).length).toBe(numbersIn(withTraffic)[0])
  })
})

describe('what adds to them', () => {
  const differing = async (happened: Happened, options: MetricsSetupOptions = {}, before: Happened = {}) =>
    (await seriesOf(SMALL, happened, options)).length - (await seriesOf(SMALL, before)).length

  test.each<[string, Happened, Happened?]>([
    ['the first block, aggregate or attestation', { messages: { lastAcceptedAtMs: { block: 1 } } }],
    ['the clock is judged', { messages: { clock: ALL_MESSAGES.clock } }],
    ['a named peer brings its first message', { deliver: 1 }],
    ['a named peer tells its head', { tell: 1 }],
    ['a named peer tells a finalized root', { tell: 1, finalizedRoot: 'f1' }, { tell: 1 }],
  ])('is in the table: %s', async (what, happened, before) => {
    const [row] = rowsOf(new RegExp(`^${what}$`))
    expect(await differing(happened, {}, before)).toBe(numbersIn(row?.[1])[0])
  })

  test('are all in the one that the growth curve is of', async () => {
    const [simulated, withoutNames] = documented(/Take names away first: (\d+) series become (\d+)/)
    const [shape, happened] = [
      { names: 100, networks: 1, topics: 3 },
      { messages: ALL_MESSAGES, deliver: 4 },
    ]
    expect((await seriesOf(shape, happened, { otlp: PUSHED })).length).toBe(simulated)
    expect((await seriesOf({ ...shape, names: 0 }, happened, { otlp: PUSHED })).length).toBe(withoutNames)
  })

  test('are a push and settings, as the text says', async () => {
    const [push, webConfig = 0, genesis, companion, nodeInfo] = documented(
      /a push by OTLP adds (\d+),.* a web config (\d+), the genesis folder (\d+), a companion whose subnet is known (\d+), and `--lean-node-info` (\d+)/,
    )
    expect(await differing({}, { otlp: PUSHED })).toBe(push)
    // Two are those of its refresher.
    expect(await differing({}, { httpRefusals: REFUSED })).toBe(webConfig - 2)
    expect(await differing({ genesis: true })).toBe(genesis)
    expect(await differing({ genesis: true, companion: true }, {}, { genesis: true })).toBe(companion)
    expect(await differing({}, { hasLeanNodeInfo: true })).toBe(nodeInfo)
  })
})

describe('what can be dropped', () => {
  const rows = rowsOf(/^`lean.*`$/).map(([name = '', series = '', panels = '']) => ({
    regex: new RegExp(`^(${name.replaceAll('`', '')})$`),
    series,
    panels,
  }))
  const count = async (regex: RegExp, shape: Shape, happened?: Happened) =>
    (await seriesOf(shape, happened)).filter((name) => regex.test(name)).length

  test('is a table of six', () => {
    expect(rows).toHaveLength(6)
  })

  test.each(rows)('is as many series as the table says: $regex', async ({ regex, series }) => {
    const one = { ...SMALL, names: 0 }
    const fixed = await count(regex, one)
    const eachNetwork = (await count(regex, { ...one, networks: 2 })) - fixed
    const eachName = (await count(regex, SMALL, { deliver: 1 })) - fixed
    const told = [fixed - eachNetwork, eachNetwork, eachName].filter((number) => number > 0)
    expect(told).toEqual(numbersIn(series))
  })

  test.each(rows)('is in no rule, and in the panels that the table names: $regex', ({ regex, panels }) => {
    const uses = (expr = '') => (expr.match(/\blean\w+/g) ?? []).some((name) => regex.test(name))
    expect(rules().filter(({ expr }) => uses(expr))).toEqual([])
    const titles = dashboard().panels.filter(({ targets }) => targets?.some(({ expr }) => uses(expr)))
    for (const { title } of titles) expect(panels.split(', ')).toContain(title)
    expect(titles.length > 0).toBe(!/^nothing|public/.test(panels))
  })

  test('by the configuration is what the text says', async () => {
    const [, block = ''] = /^```yaml\n(metric_relabel_configs:.*?)^```/ms.exec(DOCUMENT) ?? []
    const [step] = (parse(block) as { metric_relabel_configs: { regex: string }[] }).metric_relabel_configs
    const regex = new RegExp(`^(?:${step?.regex})$`)
    const dropped = documented(
      /names in one network have (\d+) of ([\d,]+) series less at rest, and no names (\d+) of ([\d,]+):/,
    )
    const measured = [100, 0].map(async (names) => {
      const shape = { ...SMALL, names }
      return [await count(regex, shape), (await seriesOf(shape)).length]
    })
    expect((await Promise.all(measured)).flat()).toEqual(dropped)
  })
})
