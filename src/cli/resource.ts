import { arch, hostname } from 'node:os'
import type { SidecarSettings } from '../config/settings.ts'
import { version } from '../version.ts'

const K8S = {
  'k8s.namespace.name': 'k8s.namespace_name',
  'k8s.pod.name': 'k8s.pod_name',
  'k8s.pod.uid': 'k8s.pod_uid',
  'k8s.node.name': 'k8s.node_name',
  'k8s.container.name': 'k8s.container_name',
} as const

/** The OpenTelemetry resource; what the settings say of an attribute is above what leanmesh finds out. */
export function resourceOf(settings: SidecarSettings): Record<string, string | number> {
  const name = settings['resource.service_name']
  return {
    'service.name': 'leanmesh',
    'service.version': version,
    'service.instance.id': instanceId(settings),
    'host.name': hostname(),
    'host.arch': arch() === 'x64' ? 'amd64' : arch(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    ...Object.fromEntries(
      Object.entries(K8S).flatMap(([attribute, key]) =>
        settings[key] === undefined ? [] : [[attribute, settings[key]]],
      ),
    ),
    ...Object.fromEntries(settings['resource.attributes']),
    ...(name === undefined ? {} : { 'service.name': name }),
  }
}

/**
 * Unique, and the same after a restart: receivers mix up two sources of one id, and count one of two ids twice.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/service/
 */
function instanceId(settings: SidecarSettings): string {
  const { 'k8s.namespace_name': namespace, 'k8s.pod_name': pod, 'k8s.container_name': container } = settings
  if (namespace !== undefined && pod !== undefined) return [namespace, pod, container ?? 'leanmesh'].join('/')
  return `${hostname()}:${settings['http.port']}`
}

/** A sentence when nothing tells this sidecar from another one of its host. */
export function instanceIdWarning(settings: SidecarSettings): string | undefined {
  const isGiven = settings['resource.attributes'].some(([key]) => key === 'service.instance.id')
  const isPod = settings['k8s.namespace_name'] !== undefined && settings['k8s.pod_name'] !== undefined
  if (isGiven || isPod || settings['http.port'] !== 0) return undefined
  return `with HTTP port 0 every sidecar of this host has the service.instance.id ${instanceId(settings)}: give each a port, or set service.instance.id in resource.attributes`
}
