import { expect, it } from 'vitest'
import { createTotals } from '../../src/measure/totals.ts'
import { MAX_NAMES } from '../../src/mesh/names.ts'
import { type ParsedFamily, parseExposition } from '../support/exposition.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { BLOCK, fakeNetwork, headOf, networkState, snapshotOf } from '../support/network-states.ts'

const MESHED = 12
/** 300 that dial, and as many as may be configured. */
const CONNECTED = 1300
const FIRST = 'leanmesh_first_delivery_total'

const names = new Map(Array.from({ length: MAX_NAMES }, (_, index) => [`peer-${index}`, `client_${index}`]))
const peers = [...names.keys()]

/** Each name was the first with as many blocks as its number says, and is at the slot of its number. */
async function scrapeOfWholeTable(): Promise<ParsedFamily[]> {
  const totals = createTotals()
  for (const [index, client] of [...names.values()].entries()) {
    totals.addClient(client)
    totals.counter(FIRST, { client, topic_kind: 'block' }).value = index
  }
  const connectedPeers = peers.slice(0, CONNECTED)
  const snapshot = snapshotOf({
    topics: [{ topic: BLOCK, mesh: peers.slice(0, MESHED), subscribers: CONNECTED }],
    connectedPeers,
    heads: connectedPeers.map((peer, headSlot) => headOf(peer, { headSlot })),
  })
  const network = networkState({ phase: 'running', snapshot, totals: totals.read() })
  return parseExposition(await setUpMetrics([fakeNetwork(network)], { names: () => names }).scrape())
}

/** The value of the first `count` names. */
function valuesOf(count: number, value: (index: number) => number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`client_${index}`, value(index)]))
}

it('a scrape of the largest names table tells of every name what is known of it', async () => {
  const families = await scrapeOfWholeTable()
  const samplesOf = (metric: string) => families.find(({ name }) => name === metric)?.samples ?? []
  const told = (metric: string, topicKind?: string) => {
    const samples = samplesOf(metric).filter(({ labels }) => labels.get('topic_kind') === topicKind)
    return Object.fromEntries(samples.map(({ labels, value }) => [labels.get('client'), value]))
  }
  const up = valuesOf(MAX_NAMES, (index) => Number(index < CONNECTED))
  expect(told('lean_gossip_mesh_peers')).toEqual({
    ...valuesOf(MAX_NAMES, (index) => Number(index < MESHED)),
    unknown: 0,
  })
  expect(told('lean_connected_peers')).toEqual({ ...up, unknown: 0 })
  expect(told('leanmesh_expected_peer_up')).toEqual(up)
  expect(told('leanmesh_peer_head_slot')).toEqual(valuesOf(CONNECTED, (index) => index))
  expect(told(FIRST, 'block')).toEqual({ ...valuesOf(MAX_NAMES, (index) => index), unknown: 0 })
  expect(samplesOf('leanmesh_series_rejected_total').filter(({ value }) => value > 0)).toEqual([])
})
