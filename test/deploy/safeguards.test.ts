/** What the manifests promise to leave alone or to bound, beside what test/deploy/pod.test.ts says of the sidecar's own container. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { settingOf } from '../../src/config/settings-table.ts'
import { DEPLOY, readManifests, renderedManifests, sidecarContainer, sidecarPod } from '../support/manifests.ts'

const README = readFileSync(join(DEPLOY, 'README.md'), 'utf8')
const HTTP_PORT = Number(settingOf('http.port').default)

test('the whole pod of the example meets the restricted standard, which its namespace enforces', () => {
  const namespace = renderedManifests('example').find(({ kind }) => kind === 'Namespace')
  expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  const { spec } = sidecarPod('example')
  for (const { securityContext = {} } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    expect({ ...spec.securityContext, ...securityContext }).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })
    expect(securityContext.capabilities).not.toHaveProperty('add')
  }
})

test('liveness gives up after the two minutes that the README says, and readiness after 30 s', () => {
  const { livenessProbe, readinessProbe } = sidecarContainer(sidecarPod('example'))
  const patience = (probe: typeof livenessProbe) => (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0)
  expect(README).toContain('Liveness gives up after two minutes of silence')
  expect(patience(livenessProbe)).toBe(120)
  expect(patience(readinessProbe)).toBe(30)
})

test('memory is what the README has for one network, and a swarm that grows ends before the container does', () => {
  const [, limit, request] = /^\| 1 +\| (\d+) MiB +\| (\d+) MiB +\|$/m.exec(README) ?? []
  const { resources, env = [] } = sidecarContainer(sidecarPod('example'))
  expect(resources).toMatchObject({ limits: { memory: `${limit}Mi` }, requests: { memory: `${request}Mi` } })
  const swarm = Number(env.find(({ name }) => name === 'LEANMESH_SWARM_MEMORY_MIB')?.value)
  expect(swarm).toBeLessThan(Number(limit))
})

test('a key per pod ordinal is a file of the mounted Secret, by the names that the README gives them', () => {
  const container = sidecarContainer(sidecarPod('identity'))
  const index = container.env?.find(({ name }) => name === 'POD_INDEX')
  expect(index?.valueFrom?.fieldRef?.fieldPath).toBe("metadata.labels['apps.kubernetes.io/pod-index']")
  const mount = container.volumeMounts?.find(({ name }) => name === 'leanmesh-identity')
  const path = container.env?.find(({ name }) => name === 'LEANMESH_IDENTITY')?.value
  expect(path).toBe(`${mount?.mountPath}/$(POD_INDEX).key`)
  expect(README).toContain('kubectl create secret generic leanmesh-identity --from-file=0.key --from-file=1.key')
})

test('the annotations name the port and the path of the scrape', () => {
  expect(sidecarPod('ordinary-container').metadata.annotations).toEqual({
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(HTTP_PORT),
    'prometheus.io/path': '/metrics',
  })
})

test('Grafana finds the dashboard by the label that its loader looks for', () => {
  const map = renderedManifests('monitoring').find(({ kind }) => kind === 'ConfigMap')
  expect(map?.metadata.labels).toEqual({ grafana_dashboard: '1' })
  expect(map?.data).toEqual({ 'leanmesh.json': readFileSync(join(DEPLOY, 'monitoring/leanmesh.json'), 'utf8') })
})

interface PolicySpec {
  podSelector: { matchLabels: Record<string, string> }
  policyTypes: string[]
  ingress?: { ports: object[] }[]
  egress?: { ports: { protocol: string; port: number; endPort?: number }[]; to?: object[] }[]
}

function policy(file: string): PolicySpec {
  const [manifest] = readManifests(join(DEPLOY, 'network-policy', file))
  return manifest?.spec as PolicySpec
}

test('the policies select the pods with the sidecar, each for one direction', () => {
  for (const [file, direction] of [
    ['ingress.yaml', 'Ingress'],
    ['egress.yaml', 'Egress'],
  ] as const) {
    const { podSelector, policyTypes } = policy(file)
    expect(sidecarPod('example').metadata.labels).toMatchObject(podSelector.matchLabels)
    expect(Object.keys(podSelector.matchLabels)).toEqual(['leanmesh'])
    expect(policyTypes).toEqual([direction])
  }
})

test('the policy for ingress lets in gossip and the scrape, by the names and protocols of the ports', () => {
  const ports = sidecarContainer(sidecarPod('example')).ports?.map(({ name: port, protocol }) => ({ protocol, port }))
  const named = policy('ingress.yaml').ingress?.flatMap((rule) => rule.ports) as { port: string }[]
  expect(named.toSorted((a, b) => a.port.localeCompare(b.port))).toEqual(ports)
})

test("the policy for egress carries the client's own traffic first: gossip to any peer, HTTPS, names", () => {
  const [gossip, https, names] = policy('egress.yaml').egress ?? []
  expect(gossip).toEqual({ ports: [{ protocol: 'UDP', port: 1024, endPort: 65_535 }] })
  expect(https).toEqual({ ports: [{ protocol: 'TCP', port: 443 }] })
  expect(names?.ports.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(['UDP 53', 'TCP 53'])
})

test('the rule for the push, once its comment marks are off, is one more that leads to the collector', () => {
  const text = readFileSync(join(DEPLOY, 'network-policy/egress.yaml'), 'utf8')
  const { spec } = parse(text.replaceAll(/^ {4}# (?=- to:| )/gm, '    ')) as { spec: PolicySpec }
  const rules = policy('egress.yaml').egress ?? []
  expect(spec.egress?.slice(0, rules.length)).toEqual(rules)
  const service = renderedManifests('collector').find(({ kind }) => kind === 'Service')
  const { ports: served } = (service?.spec ?? {}) as { ports?: { port: number }[] }
  const namespace = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } }
  expect(spec.egress?.slice(rules.length)).toEqual([
    { to: [{ namespaceSelector: namespace }], ports: [{ protocol: 'TCP', port: served?.[0]?.port }] },
  ])
})
