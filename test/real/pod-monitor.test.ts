/** The PodMonitor's relabelling, run by a real Prometheus over the rendered pod with a real sidecar in it. */
import { expect, test } from 'vitest'
import { sidecarPod, type PodTemplate } from '../support/manifests.ts'
import { podMonitorScrapeConfig } from '../support/pod-monitor.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'

/** What the Prometheus operator itself adds. */
const OPERATORS = { container: 'leanmesh', endpoint: 'leanmesh' }
/** What deploy/README.md promises, for a pod with a name and a network of its own and for one with neither. */
const NAMED = {
  ...OPERATORS,
  namespace: 'lean-devnet',
  pod: 'ethlambda-0',
  job: 'ethlambda-leanmesh',
  instance: 'lean-devnet/ethlambda-0',
  network: 'devnet-4',
}
const BARE = {
  ...OPERATORS,
  namespace: 'other',
  pod: 'plain-7f9c',
  job: 'leanmesh',
  instance: 'other/plain-7f9c',
  network: 'other',
}

function withLabels(template: PodTemplate, labels: Record<string, string>): PodTemplate {
  return { ...template, metadata: { ...template.metadata, labels } }
}

test('targets get the job, instance and network that the README promises, and the gauge keeps its own client', async () => {
  await using sidecar = await startRunningSidecar({ names: new Map([['16Uiu2HAmNobody', 'zeam_0']]) })
  const addresses = { leanmesh: new URL(sidecar.url).host }
  const template = sidecarPod('example')
  const scrape = podMonitorScrapeConfig([
    { namespace: 'lean-devnet', name: 'ethlambda-0', template, addresses },
    { namespace: 'other', name: 'plain-7f9c', template: withLabels(template, { leanmesh: 'sidecar' }), addresses },
    { namespace: 'other', name: 'without-the-label', template: withLabels(template, {}), addresses },
  ])
  // A cluster's own configuration may give every target such a label.
  scrape.relabel_configs.unshift({ target_label: 'client', replacement: 'of the target' })
  await using prometheus = await startPrometheus({ extraConfig: { scrape_configs: [scrape] } })

  const up = await prometheus.waitForQuery('up', (rows) => rows.length > 1 && rows.every(({ value }) => value === 1))
  const targets = [NAMED, BARE].map((labels) => ({ __name__: 'up', client: 'of the target', ...labels }))
  expect(up.map(({ metric }) => metric).sort(byJob)).toEqual(targets)
  const gauge = await prometheus.query('lean_gossip_mesh_peers')
  const series = [NAMED, BARE].flatMap((labels) =>
    ['unknown', 'zeam_0'].map((client) => ({ __name__: 'lean_gossip_mesh_peers', client, ...labels })),
  )
  expect(gauge.map(({ metric }) => metric).sort(byJob)).toEqual(series)
  expect(await prometheus.query('{exported_client!=""}')).toEqual([])
})

function byJob(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): number {
  const key = ({ job, client }: Readonly<Record<string, string>>) => `${job} ${client}`
  return key(one) < key(other) ? -1 : 1
}
