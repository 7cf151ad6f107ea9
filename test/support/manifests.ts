import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const DEPLOY = join(import.meta.dirname, '../../deploy')

/** The parts of a Kubernetes object that the tests look at; the strict schema has checked the rest. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  spec?: unknown
  data?: Record<string, string>
}

interface Probe {
  httpGet: { path: string; port: string; scheme?: string }
  periodSeconds: number
  failureThreshold: number
}

export interface Container {
  name: string
  image: string
  args?: string[]
  restartPolicy?: string
  env?: { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }[]
  ports?: { name?: string; containerPort: number; protocol?: string }[]
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: unknown
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  securityContext?: {
    runAsNonRoot?: boolean
    runAsUser?: number
    runAsGroup?: number
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    capabilities?: { drop?: string[]; add?: string[] }
    seccompProfile?: { type: string }
  }
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[]
}

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> }
  spec: {
    containers: Container[]
    initContainers?: Container[]
    volumes?: { name: string; secret?: { secretName: string; defaultMode?: number }; configMap?: { name: string } }[]
    securityContext?: { runAsNonRoot?: boolean; fsGroup?: number; seccompProfile?: { type: string } }
  }
}

export function readManifests(path: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'), { uniqueKeys: true })
  return [...documents].map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join(', ')}`)
    return document.toJS() as Manifest
  })
}

/** What kustomize makes of the example, of the monitoring, of the collector, and of each variant; `test:real` keeps them true. */
export const RENDERED: Readonly<Record<string, { overlay: string; golden: string }>> = {
  example: { overlay: join(DEPLOY, 'example'), golden: join(DEPLOY, 'example/rendered.yaml') },
  monitoring: { overlay: join(DEPLOY, 'monitoring'), golden: golden('monitoring') },
  collector: { overlay: join(DEPLOY, 'collector'), golden: golden('collector') },
  'ordinary-container': { overlay: overlay('ordinary-container'), golden: golden('ordinary-container') },
  identity: { overlay: overlay('identity'), golden: golden('identity') },
  'web-config': { overlay: overlay('web-config'), golden: golden('web-config') },
  'web-config-monitoring': { overlay: overlay('web-config-monitoring'), golden: golden('web-config-monitoring') },
}

function golden(name: string): string {
  return join(import.meta.dirname, `../golden/deploy/${name}.yaml`)
}

function overlay(name: string): string {
  return join(import.meta.dirname, `../fixtures/deploy/${name}`)
}

export function renderedManifests(name: string): Manifest[] {
  const entry = RENDERED[name]
  if (entry === undefined) throw new Error(`there is no rendering ${name}`)
  return readManifests(entry.golden)
}

/** Manifests that are applied as they are, that is, neither patches nor kustomize's own files. */
export function plainManifestFiles(): string[] {
  const files = ['example/client.yaml', 'example/namespace.yaml', 'monitoring/p*.yaml', 'network-policy/*.yaml']
  return globSync(files, { cwd: DEPLOY }).sort()
}

/** The pod template of the one workload that has the label of the sidecar. */
export function sidecarPod(name: string): PodTemplate {
  const workload = renderedManifests(name).find(({ kind, metadata }) => {
    return ['StatefulSet', 'Deployment'].includes(kind) && metadata.labels?.['leanmesh'] === 'sidecar'
  })
  if (workload === undefined) throw new Error(`no workload of ${name} has the sidecar`)
  return (workload.spec as { template: PodTemplate }).template
}

export function sidecarContainer({ spec }: PodTemplate): Container {
  const found = [...(spec.initContainers ?? []), ...spec.containers].find((container) => container.name === 'leanmesh')
  if (found === undefined) throw new Error('the pod has no container leanmesh')
  return found
}
