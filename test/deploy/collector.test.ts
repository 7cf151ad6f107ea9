/** The in-cluster collector as kustomize renders it, and what the collector's files say of the sidecar. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { envOf } from '../../src/config/setting.ts'
import { settingKeys, settingOf } from '../../src/config/settings-table.ts'
import { PATHS } from '../../src/http/routes.ts'
import { DEPLOY, renderedManifests, sidecarContainer, sidecarPod, type Manifest, type PodTemplate } from '../support/manifests.ts'

const ROOT = join(DEPLOY, '..')
const BASE = readFileSync(join(ROOT, 'otel-collector.yaml'), 'utf8')
const OVERLAY = readFileSync(join(DEPLOY, 'collector/kubernetes.yaml'), 'utf8')
const manifests = renderedManifests('collector')

function only(kind: string): Manifest {
  const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind)
  if (found === undefined || others.length > 0) throw new Error(`not exactly one ${kind}`)
  return found
}

const { template } = only('Deployment').spec as { template: PodTemplate }
const volumes = template.spec.volumes ?? []
const [collector] = template.spec.containers
if (collector === undefined) throw new Error('no container')
const environment = new Map((collector.env ?? []).map(({ name, value = '' }) => [name, value]))

/** `${env:NAME:-default}`, by name. */
function variablesOf(text: string): Map<string, string> {
  const found = text.matchAll(/\$\{env:(\w+):-([^}]*)\}/g)
  return new Map([...found].map(([, name = '', value = '']) => [name, value]))
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1))
}

test('the pod of the collector meets the restricted standard, with a read-only root', () => {
  expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
  expect(collector.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  const sources = volumes.map((volume) => Object.keys(volume).find((key) => key !== 'name'))
  expect(sources).toEqual(['configMap', 'emptyDir'])
})

test('it runs the two files as they are in the repository, and keeps its queue where it may write', () => {
  const [config, queue] = collector.volumeMounts ?? []
  const map = only('ConfigMap')
  expect(map.data).toEqual({ 'otel-collector.yaml': BASE, 'kubernetes.yaml': OVERLAY })
  expect(volumes).toMatchObject([{ name: config?.name, configMap: { name: map.metadata.name } }, { name: queue?.name }])
  const files = ['otel-collector.yaml', 'kubernetes.yaml'].map((file) => `--config=${config?.mountPath}/${file}`)
  expect(collector.args).toEqual(files)
  expect(queue).toEqual({ name: queue?.name, mountPath: environment.get('COLLECTOR_STATE') })
})

test('every variable that it is given is one of the files, and its ports are those where it listens', () => {
  const known = [...variablesOf(BASE).keys(), ...variablesOf(OVERLAY).keys(), 'GOMEMLIMIT']
  const documents = ['README.md', 'collector/collector.yaml'].map((file) => readFileSync(join(DEPLOY, file), 'utf8'))
  const named = `${BASE}${documents.join('')}`.match(/\bCOLLECTOR_[A-Z_]+[A-Z]/g) ?? []
  expect([...environment.keys(), ...named].filter((name) => !known.includes(name))).toEqual([])
  const defaults = variablesOf(BASE)
  const metrics = Number(defaults.get('COLLECTOR_METRICS_PORT'))
  expect(collector.ports).toEqual([
    { name: 'otlp-http', containerPort: portOf(environment.get('COLLECTOR_OTLP') ?? ''), protocol: 'TCP' },
    { name: 'health', containerPort: portOf(environment.get('COLLECTOR_HEALTH') ?? ''), protocol: 'TCP' },
    { name: 'metrics', containerPort: metrics, protocol: 'TCP' },
  ])
  expect(template.metadata.annotations).toMatchObject({ 'prometheus.io/port': `${metrics}` })
  for (const probe of [collector.livenessProbe, collector.readinessProbe]) {
    expect(probe?.httpGet).toEqual({ path: '/', port: 'health' })
  }
  const service = only('Service').spec as { selector: object; ports: object[] }
  expect(service.ports).toEqual([{ name: 'otlp-http', port: portOf(defaults.get('COLLECTOR_OTLP') ?? ''), targetPort: 'otlp-http' }])
  expect(template.metadata.labels).toMatchObject(service.selector)
})

test('what it may use of memory is less than its limit', () => {
  const limiter = (parse(BASE) as { processors: { memory_limiter: { limit_mib: string } } }).processors.memory_limiter
  const mebibytes = Number(variablesOf(limiter.limit_mib).get('COLLECTOR_MEMORY_MIB'))
  expect(environment.get('GOMEMLIMIT')).toBe(`${mebibytes}MiB`)
  expect(Number(collector.resources?.limits?.['memory']?.replace('Mi', ''))).toBeGreaterThan(1.2 * mebibytes)
})

test('it is the version that the tests run', () => {
  const version = /otelcol v(\S+)/.exec(readFileSync(join(ROOT, 'tools/collector/go.mod'), 'utf8'))?.[1]
  expect(version).toMatch(/^0\.\d+\.0$/)
  expect(collector.image.split(':')[1]).toBe(version)
  expect(BASE).toContain(`tested with ${version}.`)
})

test('the variables of the sidecar that the files name exist, and so do its port, its path and its label', () => {
  const rows = settingKeys().map((key) => ({ key, setting: settingOf(key) }))
  const known = rows.flatMap(({ key, setting }) => [envOf(key, setting), setting.otelEnv].flat())
  const named = [...`${BASE}${OVERLAY}`.matchAll(/\b(?:LEANMESH|OTEL|K8S)_[A-Z_]+/g)].map(([name]) => name)
  expect(named).toContain('LEANMESH_OTLP_ENDPOINT')
  expect(named.filter((name) => !known.includes(name))).toEqual([])
  const httpPort = Number(settingOf('http.port').default)
  expect(variablesOf(BASE).get('COLLECTOR_TARGETS')).toBe(`[127.0.0.1:${httpPort}]`)
  // The path that Prometheus' own receiver asks for unless it is told another.
  expect(PATHS).toContain('/metrics')
  expect(`${BASE}${OVERLAY}`).not.toContain('metrics_path')
  const push = new URL(String(settingOf('otlp.endpoint').default))
  expect(portOf(variablesOf(BASE).get('COLLECTOR_OTLP') ?? '')).toBe(Number(push.port))
  const pod = sidecarPod('example')
  expect(OVERLAY).toContain(`label: leanmesh=${pod.metadata.labels['leanmesh']}`)
  const port = sidecarContainer(pod).ports?.find(({ containerPort }) => containerPort === httpPort)
  expect(OVERLAY).toContain(`[__meta_kubernetes_pod_container_port_name], regex: ${port?.name}, action: keep`)
})
