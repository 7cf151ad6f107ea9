import { expect, test } from 'vitest'
import { OtlpReader } from '../../src/exporters/otlp-reader.ts'
import { createOtlpTransport } from '../../src/exporters/otlp-transport.ts'
import { setUpMetrics } from '../support/metrics-setup.ts'
import { fakeNetwork, networkState, runningNetwork } from '../support/network-states.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { silentLog } from '../support/silent-log.ts'

const INTERVAL_MS = 50

function readerTo(url: string): OtlpReader {
  const transport = createOtlpTransport({ url, headers: {}, compression: 'gzip', timeoutMs: 1000, userAgent: 'test' })
  return new OtlpReader(
    { endpoint: url, intervalMs: INTERVAL_MS, timeoutMs: 1000, zeroWhenGone: ['lean_gossip_mesh_peers'] },
    { transport, log: silentLog, nowMs: () => performance.now(), onRejected: () => {} },
  )
}

test('a push carries what a scrape shows', async () => {
  await using receiver = await startOtlpReceiver()
  const { pipeline } = setUpMetrics([fakeNetwork(runningNetwork(['a', 'b']))])
  const reader = readerTo(receiver.url)
  pipeline.attach(reader)
  reader.start()
  const { values, resource, headers } = await receiver.request(0)
  expect(values).toMatchObject({
    lean_gossip_mesh_peers: 2,
    'lean_gossip_mesh_running{network_id=0}': 1,
    'leanmesh_dials_total{network_id=0,result=success}': 0,
  })
  expect(resource).toMatchObject({ 'service.name': 'leanmesh' })
  expect(headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' })
  await pipeline.shutdown()
})

test('a name that left the table is pushed as 0 once more, and ends at the next scrape', async () => {
  await using receiver = await startOtlpReceiver()
  const names = new Map([
    ['a', 'zeam_0'],
    ['b', 'ream_0'],
  ])
  const { pipeline, scrape } = setUpMetrics([fakeNetwork(runningNetwork(['a', 'b']))], { names: () => names })
  const reader = readerTo(receiver.url)
  pipeline.attach(reader)
  const ream = 'lean_gossip_mesh_peers{client=ream_0}'
  reader.start()
  expect((await receiver.request(0)).values[ream]).toBe(1)
  names.delete('b')
  const after = receiver.received.length
  expect(await scrape()).not.toContain('ream_0')
  // One push may have been collected before the table changed.
  await receiver.request(after + 2)
  const said = receiver.received.map(({ values }) => values[ream])
  expect(said.filter((value) => value === 0)).toEqual([0])
  expect(said.at(-1)).toBe(undefined)
  expect(await scrape()).not.toContain('ream_0')
  await pipeline.shutdown()
})

test('shutting down pushes a last set, in which a stopped network reads 0', async () => {
  await using receiver = await startOtlpReceiver()
  const network = fakeNetwork(runningNetwork(['a']))
  const { pipeline } = setUpMetrics([network])
  const reader = readerTo(receiver.url)
  pipeline.attach(reader)
  reader.start()
  network.current = networkState()
  await pipeline.shutdown()
  expect(receiver.received.at(-1)?.values).toMatchObject({
    lean_gossip_mesh_peers: 0,
    'lean_gossip_mesh_running{network_id=0}': 0,
  })
  expect(reader.stats()).toMatchObject({ exports: receiver.received.length, failures: { unreachable: 0 } })
})
