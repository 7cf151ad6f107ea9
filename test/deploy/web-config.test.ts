import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OPEN_PATHS } from '../../src/http/guard.ts'
import { parseWebConfig } from '../../src/web-config/web-config.ts'
import { renderedManifests, sidecarContainer, sidecarPod } from '../support/manifests.ts'
import { webConfigExample } from '../support/web-config-example.ts'

const pod = sidecarPod('web-config')
const container = sidecarContainer(pod)
const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === '/etc/leanmesh-web')

test('the web config is in the Secret, with the files that the documented one names', () => {
  const file = container.env?.find(({ name }) => name === 'LEANMESH_WEB_CONFIG')?.value ?? ''
  expect(file).toBe(join(mount?.mountPath ?? '', 'web-config.yaml'))
  const secret = pod.spec.volumes?.find(({ name }) => name === mount?.name)?.secret
  expect(secret).toEqual({ secretName: 'leanmesh-web-config', defaultMode: 0o440 })
  const { tls, users } = parseWebConfig(webConfigExample(), file)
  expect([tls?.cert, tls?.key, tls?.clientCa]).toMatchObject([
    { file: '/etc/leanmesh-web/tls.crt' },
    { file: '/etc/leanmesh-web/tls.key' },
    { file: '/etc/leanmesh-web/ca.crt' },
  ])
  expect([...users.keys()]).toEqual(['prometheus'])
})

test('probes speak TLS, where neither user nor certificate is asked for', () => {
  for (const probe of [container.livenessProbe, container.readinessProbe]) {
    expect(probe?.httpGet.scheme).toBe('HTTPS')
    expect(OPEN_PATHS).toContain(probe?.httpGet.path)
  }
})

test('the PodMonitor asks by TLS and as a user, and is otherwise the one of the monitoring', () => {
  const endpointOf = (name: string) => {
    const { spec } = renderedManifests(name).find(({ kind }) => kind === 'PodMonitor') ?? {}
    return (spec as { podMetricsEndpoints: [Record<string, unknown>] }).podMetricsEndpoints[0]
  }
  const { scheme, tlsConfig, basicAuth, ...same } = endpointOf('web-config-monitoring')
  expect(same).toEqual(endpointOf('monitoring'))
  expect({ scheme, tlsConfig, basicAuth }).toEqual({
    scheme: 'https',
    tlsConfig: { ca: { secret: { name: 'leanmesh-scrape', key: 'ca.crt' } }, serverName: 'leanmesh' },
    basicAuth: {
      username: { name: 'leanmesh-scrape', key: 'username' },
      password: { name: 'leanmesh-scrape', key: 'password' },
    },
  })
})
