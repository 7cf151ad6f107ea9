/** The overlay of deploy/collector in the real collector, with an API of Kubernetes that knows two pods. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { resourceOf } from '../../src/cli/resource.ts'
import { startBackEnds } from '../support/back-ends.ts'
import { COLLECTOR_FILE, startCollector, validateCollectorFiles } from '../support/collector.ts'
import { startKubernetesApi, type KubernetesPod } from '../support/kubernetes-api.ts'
import { DEPLOY, renderedManifests, sidecarContainer, sidecarPod } from '../support/manifests.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'
import { load } from '../support/settings.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const OVERLAY = join(DEPLOY, 'collector/kubernetes.yaml')

function podOf(name: string, labels: Record<string, string>, portName: string, containerPort: number): KubernetesPod {
  const metadata = { name, namespace: 'lean-devnet', uid: `uid-of-${name}`, labels: { leanmesh: 'sidecar', ...labels } }
  const ports = [
    { name: portName, containerPort, protocol: 'TCP' },
    { name: 'leanmesh-quic', containerPort: 9010, protocol: 'UDP' },
  ]
  const initContainers = [{ name: 'leanmesh', image: 'leanmesh', restartPolicy: 'Always', ports }]
  const containers = [{ name: 'client', image: 'client', ports: [{ containerPort: 1, protocol: 'TCP' }] }]
  const status = { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] }
  return { metadata, spec: { nodeName: 'worker-1', initContainers, containers }, status }
}

/** The resource of a sidecar that has the environment of the component, as Kubernetes fills it for this pod. */
async function resourceIn(pod: KubernetesPod): Promise<Record<string, string | number>> {
  const entries = (sidecarContainer(sidecarPod('example')).env ?? []).filter(({ name }) => name.startsWith('K8S_'))
  const env = entries.map(({ name, value, valueFrom }) => [name, value ?? fieldOf(pod, valueFrom?.fieldRef?.fieldPath)])
  const { settings } = await load({ env: Object.fromEntries(env) as Record<string, string> })
  return resourceOf(settings.sidecar)
}

function fieldOf(pod: KubernetesPod, path = ''): string {
  const keys = path.split('.')
  return String(keys.reduce((value: unknown, key) => (value as Record<string, unknown>)[key], pod))
}

interface Overlay {
  receivers: { prometheus: { config: { scrape_configs: { kubernetes_sd_configs: object[] }[] } } }
}

/** Both parts take the API's address and their right to use it from the pod that they run in; here there is none. */
function outsideCluster(apiUrl: string, folder: string): { overlays: string[]; env: Record<string, string> } {
  const cluster = { name: 'test', cluster: { server: apiUrl } }
  const context = { name: 'test', context: { cluster: 'test', user: 'test' } }
  const kubeconfig = { clusters: [cluster], contexts: [context], users: [{ name: 'test' }], 'current-context': 'test' }
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...kubeconfig }))
  const { receivers } = parse(readFileSync(OVERLAY, 'utf8')) as Overlay
  for (const job of receivers.prometheus.config.scrape_configs)
    for (const discovery of job.kubernetes_sd_configs) Object.assign(discovery, { api_server: apiUrl })
  const processors = { k8s_attributes: { auth_type: 'kubeConfig' } }
  writeFileSync(join(folder, 'outside.yaml'), JSON.stringify({ receivers, processors }))
  return { overlays: [OVERLAY, join(folder, 'outside.yaml')], env: { KUBECONFIG: join(folder, 'kubeconfig') } }
}

test('the overlay is valid over the file', async () => {
  await expect(validateCollectorFiles([COLLECTOR_FILE, OVERLAY])).resolves.toBeUndefined()
})

test('in a cluster, pull and push have the job, instance and network of their pods, with the rights of the role', async () => {
  await using folder = await temporaryFolder()
  await using backEnds = await startBackEnds()
  await using pulled = await startRunningSidecar()
  const labels = { 'app.kubernetes.io/name': 'ethlambda', 'lean-network': 'devnet-4' }
  const ethlambda = podOf('ethlambda-0', labels, 'leanmesh', Number(new URL(pulled.url).port))
  const zeam = podOf('zeam-0', labels, 'not-scraped', 1)
  const bare = podOf('bare-0', {}, 'not-scraped', 1)
  await using api = await startKubernetesApi([ethlambda, zeam, bare])
  const { overlays, env } = outsideCluster(api.url, folder.path)
  const scrape = { COLLECTOR_SCRAPE_INTERVAL: '1s', COLLECTOR_SCRAPE_TIMEOUT: '1s' }
  await using collector = await startCollector({ overlays, env: { ...backEnds.env, ...env, ...scrape } })
  const push = { otlpUrl: collector.otlpUrl, otlpIntervalMs: 1000 }
  await using _zeam = await startRunningSidecar({ ...push, resource: await resourceIn(zeam) })
  await using _bare = await startRunningSidecar({ ...push, resource: await resourceIn(bare) })

  const gauge = { __name__: 'lean_gossip_mesh_peers' }
  const expected = [
    { ...gauge, job: 'leanmesh', instance: 'lean-devnet/bare-0', network: 'lean-devnet' },
    { ...gauge, job: 'ethlambda-leanmesh', instance: 'lean-devnet/ethlambda-0', network: 'devnet-4' },
    { ...gauge, job: 'ethlambda-leanmesh', instance: 'lean-devnet/zeam-0', network: 'devnet-4' },
  ]
  for (const each of backEnds.both) {
    const samples = await each.waitForQuery('lean_gossip_mesh_peers', ({ length }) => length === 3)
    const byInstance = new Map(samples.map(({ metric }) => [metric['instance'], metric]))
    expect(expected.map(({ instance }) => byInstance.get(instance))).toEqual(expected)
    expect(await each.query('up')).toMatchObject([{ metric: { ...expected[1], __name__: 'up' }, value: 1 }])
  }
  const role = renderedManifests('collector').find(({ kind }) => kind === 'ClusterRole')
  expect(role).toMatchObject({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }] })
  expect([...api.asked]).toEqual(['GET /api/v1/pods'])
})
