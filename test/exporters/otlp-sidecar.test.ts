import { expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'

const running = 'lean_gossip_mesh_running{network_id=0}'

test('a sidecar pushes while it runs, and that its network is stopped when it ends', async () => {
  await using receiver = await startOtlpReceiver()
  const sidecar = await startRunningSidecar({ otlpUrl: receiver.url })
  await sidecar.waitForMetrics((text) => text.includes('lean_gossip_mesh_running{network_id="0"} 1'))
  const next = receiver.received.length
  expect((await receiver.request(next)).values[running]).toBe(1)
  expect(await sidecar.value('leanmesh_otlp_export_failures_total{reason="unreachable"}')).toBe(0)
  await sidecar.stop()
  expect(receiver.received.at(-1)?.values).toMatchObject({ [running]: 0, lean_gossip_mesh_peers: 0 })
})

test('a sidecar whose receiver is gone serves /metrics as ever, and counts the failures', async () => {
  const { url, [Symbol.asyncDispose]: close } = await startOtlpReceiver()
  await close()
  await using sidecar = await startRunningSidecar({ otlpUrl: url })
  const failures = /leanmesh_otlp_export_failures_total\{reason="unreachable"\} [1-9]/
  const text = await sidecar.waitForMetrics((text) => failures.test(text))
  expect(text).toContain('lean_gossip_mesh_peers 0')
  expect(text).not.toContain('leanmesh_otlp_last_success_age_seconds')
})
