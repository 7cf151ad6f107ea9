/** What the Prometheus operator makes of the PodMonitor, for pods that a test says are there. */
import { join } from 'node:path'
import { DEPLOY, readManifests, type Container, type PodTemplate } from './manifests.ts'

/** A pod as Kubernetes shows it to Prometheus. */
export interface DiscoveredPod {
  namespace: string
  name: string
  template: Pick<PodTemplate, 'metadata' | 'spec'>
  /** `host:port` by the name of a container's port; the others have an address where nobody answers. */
  addresses: Readonly<Record<string, string>>
}

interface Relabeling {
  sourceLabels?: string[]
  separator?: string
  regex?: string
  targetLabel?: string
  replacement?: string
  action?: string
}

interface PodMonitorSpec {
  selector: { matchLabels: Record<string, string> }
  podMetricsEndpoints: [
    {
      port: string
      path: string
      honorLabels: boolean
      relabelings: Relabeling[]
      metricRelabelings?: Relabeling[]
    },
  ]
}

/** An entry of `scrape_configs`. */
export interface ScrapeConfig {
  relabel_configs: object[]
  [key: string]: unknown
}

/** A port of the machine that nothing listens on. */
const NOBODY = '127.0.0.1:1'

/**
 * The discovery itself is replaced by its outcome, one target for each port of each pod;
 * whether one is kept, and under which labels, Prometheus finds out by the relabelling, as in a cluster.
 */
export function podMonitorScrapeConfig(pods: readonly DiscoveredPod[]): ScrapeConfig {
  const [manifest] = readManifests(join(DEPLOY, 'monitoring/pod-monitor.yaml'))
  if (manifest === undefined) throw new Error('there is no PodMonitor')
  const { selector, podMetricsEndpoints } = manifest.spec as PodMonitorSpec
  const [endpoint] = podMetricsEndpoints
  const ofOperator: object[] = [
    ...Object.entries(selector.matchLabels).map(([label, value]) => ({
      source_labels: [metaLabel('pod_label', label)],
      regex: value,
      action: 'keep',
    })),
    { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: endpoint.port, action: 'keep' },
    { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
    { source_labels: ['__meta_kubernetes_pod_container_name'], target_label: 'container' },
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
    { target_label: 'job', replacement: 'monitoring/leanmesh' },
    { target_label: 'endpoint', replacement: endpoint.port },
  ]
  return {
    job_name: 'podMonitor/monitoring/leanmesh/0',
    honor_labels: endpoint.honorLabels,
    metrics_path: endpoint.path,
    static_configs: pods.flatMap(portTargets),
    relabel_configs: [...ofOperator, ...endpoint.relabelings.map(asPrometheus)],
    metric_relabel_configs: (endpoint.metricRelabelings ?? []).map(asPrometheus),
  }
}

function portTargets({ namespace, name, template, addresses }: DiscoveredPod): object[] {
  const { metadata, spec } = template
  const labels = Object.entries(metadata.labels).map(([key, value]) => [metaLabel('pod_label', key), value])
  const ofPod = {
    __meta_kubernetes_namespace: namespace,
    __meta_kubernetes_pod_name: name,
    ...Object.fromEntries(labels),
  }
  const containers: Container[] = [...(spec.initContainers ?? []), ...spec.containers]
  return containers.flatMap((container) =>
    (container.ports ?? []).map((port) => ({
      targets: [addresses[port.name ?? ''] ?? NOBODY],
      labels: {
        ...ofPod,
        __meta_kubernetes_pod_container_name: container.name,
        __meta_kubernetes_pod_container_port_name: port.name ?? '',
        __meta_kubernetes_pod_container_port_number: String(port.containerPort),
      },
    })),
  )
}

/** Prometheus' name for a label, or an annotation, of a Kubernetes object. */
function metaLabel(kind: string, key: string): string {
  return `__meta_kubernetes_${kind}_${key.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`
}

/** The same keys in snake_case. */
function asPrometheus(relabeling: Relabeling): object {
  const entries = Object.entries(relabeling).map(([key, value]) => {
    return [key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]
  })
  return Object.fromEntries(entries) as object
}
