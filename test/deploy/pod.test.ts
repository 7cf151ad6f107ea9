import { readFileSync } from 'node:fs'
import { expect, describe, test } from 'vitest'
import { SWARM_HEAP_MIB } from '../../src/networks/swarm-process.ts'
import { DEPLOY, readManifests, renderedManifests, sidecarContainer, sidecarPod, type PodTemplate } from '../support/manifests.ts'

const PODS = ['example', 'ordinary-container', 'identity', 'web-config']

/** In MiB or in cores; enough for what the manifests use. */
function quantity(text: string): number {
  const match = /^(\d+)(m|Mi|Gi)?$/.exec(text)
  if (match === null) throw new Error(`not a quantity: ${text}`)
  const factor = { '': 1, m: 0.001, Mi: 1, Gi: 1024 }[match[2] ?? ''] ?? Number.NaN
  return Number(match[1]) * factor
}

describe.each(PODS)('the sidecar of %s', (name) => {
  const pod = sidecarPod(name)
  const container = sidecarContainer(pod)

  test('meets the restricted pod security standard, with a read-only root', () => {
    expect(container.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
    const allowed = (pod.spec.volumes ?? []).filter((volume) => volume.configMap ?? volume.secret)
    expect(allowed).toHaveLength(pod.spec.volumes?.length ?? 0)
  })

  test('requests no more than its limits', () => {
    const { requests = {}, limits = {} } = container.resources ?? {}
    expect(limits).toHaveProperty('memory')
    for (const [resource, limit] of Object.entries(limits)) {
      expect(quantity(requests[resource] ?? limit)).toBeLessThanOrEqual(quantity(limit))
    }
  })

  test('has room for full heaps of both planes and what is outside of them: a leak ends a swarm, not the container', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    const metricsHeap = Number(/NODE_OPTIONS=.*--max-old-space-size=(\d+)/.exec(dockerfile)?.[1])
    const outsideOfHeaps = 40
    const limit = quantity(container.resources?.limits?.['memory'] ?? '0')
    expect(metricsHeap + SWARM_HEAP_MIB + outsideOfHeaps).toBeLessThanOrEqual(limit)
  })

  test('has port names of at most 15 characters, unique in the pod', () => {
    const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((each) => each.ports ?? [])
    const names = ports.map((port) => port.name ?? '')
    for (const portName of names) expect(portName).toMatch(/^(?=.*[a-z])[a-z0-9](-?[a-z0-9])*$/)
    expect(names.filter((portName) => portName.length > 15)).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  test('never holds back the client: no startup probe, and probes on its own named port', () => {
    expect(container.startupProbe).toBeUndefined()
    // With a web config they are HTTPS.
    expect(container.livenessProbe?.httpGet).toMatchObject({ path: '/healthz', port: 'leanmesh' })
    expect(container.readinessProbe?.httpGet).toMatchObject({ path: '/readyz', port: 'leanmesh' })
  })

  test('mounts volumes that exist, read-only and without subPath, and no private keys of the client', () => {
    const volumes = new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, volume]))
    for (const mount of container.volumeMounts ?? []) {
      expect(mount).toMatchObject({ readOnly: true })
      expect(mount).not.toHaveProperty('subPath')
      const secret = volumes.get(mount.name)?.secret
      expect(volumes.has(mount.name)).toBe(true)
      expect(['leanmesh-identity', 'leanmesh-web-config']).toContain(secret?.secretName ?? 'leanmesh-identity')
      expect(secret?.defaultMode ?? 0o440).toBe(0o440)
      if (secret !== undefined) expect(pod.spec.securityContext?.fsGroup).toBe(65_532)
    }
  })
})

test('it is a native sidecar, and in the variant an ordinary container', () => {
  const native = sidecarPod('example').spec
  expect(native.initContainers).toMatchObject([{ name: 'leanmesh', restartPolicy: 'Always' }])
  const { containers, initContainers } = sidecarPod('ordinary-container').spec
  expect(initContainers).toBeUndefined()
  // Last, because the kubelet pulls and starts them in order.
  expect(containers.map(({ name }) => name)).toEqual(['client', 'leanmesh'])
  expect(sidecarContainer(sidecarPod('ordinary-container'))).not.toHaveProperty('restartPolicy')
})

test('a workload without the label is left alone', () => {
  const other = renderedManifests('ordinary-container').find(({ metadata }) => metadata.name === 'without-leanmesh')
  expect(JSON.stringify(other)).not.toContain('ghcr.io')
  expect(JSON.stringify(other)).not.toContain('LEANMESH')
})

interface PodMonitorSpec {
  selector: { matchLabels: Record<string, string> }
  podMetricsEndpoints: { port: string; path: string; honorLabels: boolean }[]
}

test('the PodMonitor selects the pods, and its port is the one that serves HTTP', () => {
  const monitor = renderedManifests('monitoring').find(({ kind }) => kind === 'PodMonitor')
  const { selector, podMetricsEndpoints } = (monitor?.spec ?? {}) as PodMonitorSpec
  for (const name of PODS) {
    const pod = sidecarPod(name)
    expect(pod.metadata.labels).toMatchObject(selector.matchLabels)
    const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((each) => each.ports ?? [])
    const found = ports.filter((port) => port.name === podMetricsEndpoints[0]?.port)
    expect(found).toEqual([{ name: 'leanmesh', containerPort: 9464, protocol: 'TCP' }])
  }
  expect(podMetricsEndpoints).toMatchObject([{ path: '/metrics', honorLabels: true }])
})

test('the policy for ingress is only for ingress, and names ports of the sidecar', () => {
  const [policy] = readManifests(`${DEPLOY}/network-policy/ingress.yaml`)
  const spec = policy?.spec as { policyTypes: string[]; ingress: { ports: { port: string }[] }[] }
  const names = sidecarContainer(sidecarPod('example')).ports?.map((port) => port.name)
  expect(spec.policyTypes).toEqual(['Ingress'])
  for (const { port } of spec.ingress.flatMap(({ ports }) => ports)) expect(names).toContain(port)
})

test('the values for Helm and the ordinary container are the container of the component', () => {
  const [patch] = readManifests(`${DEPLOY}/component/sidecar.yaml`)
  const { template } = (patch?.spec ?? {}) as { template?: PodTemplate }
  const native = template?.spec.initContainers?.[0]
  expect(native?.name).toBe('leanmesh')
  const [values] = readManifests(`${DEPLOY}/helm/values.yaml`) as unknown as { extraInitContainers: object[] }[]
  expect(values?.extraInitContainers).toEqual([native])
  const [operations] = readManifests(`${DEPLOY}/component-container/container.yaml`) as unknown as { value: object }[][]
  expect({ ...operations?.[0]?.value, restartPolicy: 'Always' }).toEqual(native)
})
