import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { prepare } from '../../src/cli/prepare.ts'
import type { SettingsError } from '../../src/config/problem.ts'
import { version } from '../../src/version.ts'
import { runCommandLine } from '../support/command-line.ts'
import { fixture, load } from '../support/settings.ts'

const prepared = async (env: Record<string, string>) => prepare(await load({ env }), { isTerminal: false })
const push = { OTEL_METRICS_EXPORTER: 'otlp' }
const tls = (name: string) => fixture('tls', name)

describe('the endpoint', () => {
  test.each([
    [{}, 'http://localhost:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }, 'http://collector:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://example.test/otlp' }, 'https://example.test/otlp/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://example.test/otlp' }, 'https://example.test/otlp'],
    [{ LEANMESH_OTLP_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/metrics'],
    [{ LEANMESH_OTLP_ENDPOINT: 'http://collector:4318/v1/metrics' }, 'http://collector:4318/v1/metrics'],
  ])('%o is pushed to %s', async (env, url) => {
    expect((await prepared({ ...push, ...env })).options.otlp?.url).toBe(url)
  })

  test('is in what check says, and headers are not', async () => {
    const args = ['check', '--otlp-endpoint', 'http://collector:4318', '--otlp-headers', 'api-key=s3cret']
    const { stdout, stderr } = await runCommandLine(args)
    expect(stdout).toContain('push         every 60 s to http://collector:4318/v1/metrics')
    expect(`${stdout}${stderr}`).not.toContain('s3cret')
  })
})

describe('the certificates', () => {
  const problemsOf = async (env: Record<string, string>) =>
    prepared({ ...push, ...env }).then(
      () => [],
      (error: SettingsError) => error.problems.map(({ setting, wrong }) => `${setting}: ${wrong}`),
    )

  test('are read where something is pushed', async () => {
    const { options } = await prepared({
      ...push,
      OTEL_EXPORTER_OTLP_CERTIFICATE: tls('receiver.pem'),
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: tls('sender.pem'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: tls('sender.key'),
    })
    expect(Object.keys(options.otlp?.tls ?? {})).toEqual(['ca', 'cert', 'key'])
    expect((await prepared({ OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere' })).options.otlp).toBe(undefined)
  })

  test('that are missing, of the wrong kind, or do not fit together are problems', async () => {
    expect(await problemsOf({ OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere' })).toEqual([
      'otlp.certificate: cannot read /nowhere: there is no such file',
    ])
    expect(await problemsOf({ OTEL_EXPORTER_OTLP_CERTIFICATE: tls('sender.key') })).toEqual([
      'otlp.certificate: it holds no certificate',
    ])
    expect(await problemsOf({ OTEL_EXPORTER_OTLP_CLIENT_KEY: tls('sender.key') })).toEqual([
      'otlp.client_key: it stands without otlp.client_certificate',
    ])
    const swapped = {
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: tls('sender.pem'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: tls('receiver.key'),
    }
    expect(await problemsOf(swapped)).toEqual(['otlp.client_key: it is not the key of otlp.client_certificate'])
  })
})

test('what is set in vain is a warning', async () => {
  const warnings = async (env: Record<string, string>) => (await prepared(env)).warnings.join('\n')
  expect(await warnings({ OTEL_METRICS_EXPORTER: 'prometheus', LEANMESH_OTLP_ENDPOINT: 'http://c:4318' })).toContain(
    'nothing is pushed to otlp.endpoint (LEANMESH_OTLP_ENDPOINT): add otlp to metrics.exporters',
  )
  expect(await warnings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' })).not.toContain('otlp')
  const certificate = { OTEL_EXPORTER_OTLP_CERTIFICATE: tls('receiver.pem') }
  expect(await warnings({ ...push, ...certificate })).toContain('the certificates of the push are not used')
  const https = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4318' }
  expect(await warnings({ ...push, ...certificate, ...https })).not.toContain('certificates')
})

describe('the resource', () => {
  const resourceOf = async (env: Record<string, string>) => (await prepared(env)).options.resource

  test('names the host and the port, the same after a restart', async () => {
    const first = await resourceOf({ LEANMESH_HTTP_PORT: '9470' })
    expect(first).toMatchObject({
      'service.name': 'leanmesh',
      'service.version': version,
      'service.instance.id': `${hostname()}:9470`,
      'host.name': hostname(),
      'host.arch': process.arch === 'x64' ? 'amd64' : process.arch,
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
    })
    expect(await resourceOf({ LEANMESH_HTTP_PORT: '9470' })).toEqual(first)
  })

  test('names the pod and its container in Kubernetes', async () => {
    const pod = {
      K8S_NAMESPACE_NAME: 'lean',
      K8S_POD_NAME: 'zeam-0',
      K8S_POD_UID: 'uid-1',
      K8S_NODE_NAME: 'worker-1',
    }
    expect(await resourceOf(pod)).toMatchObject({
      'service.instance.id': 'lean/zeam-0/leanmesh',
      'k8s.namespace.name': 'lean',
      'k8s.pod.name': 'zeam-0',
      'k8s.pod.uid': 'uid-1',
      'k8s.node.name': 'worker-1',
    })
    const second = await resourceOf({ ...pod, K8S_CONTAINER_NAME: 'second' })
    expect(second).toMatchObject({ 'service.instance.id': 'lean/zeam-0/second', 'k8s.container.name': 'second' })
  })

  test('is overridden by OTEL_RESOURCE_ATTRIBUTES', async () => {
    const attributes = 'service.instance.id=mine,host.name=box,service.name=mesh'
    expect(await resourceOf({ OTEL_RESOURCE_ATTRIBUTES: attributes, K8S_POD_NAME: 'zeam-0' })).toMatchObject({
      'service.instance.id': 'mine',
      'host.name': 'box',
      'service.name': 'mesh',
      'k8s.pod.name': 'zeam-0',
    })
  })

  test('that cannot be told from another one of the host is a warning where something is pushed', async () => {
    const env = { LEANMESH_HTTP_PORT: '0' }
    const about = (warnings: string[]) => warnings.filter((warning) => warning.includes('service.instance.id'))
    expect(about((await prepared(env)).warnings)).toEqual([])
    expect(about((await prepared({ ...push, ...env })).warnings)).toHaveLength(1)
    const named = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=mine' }
    expect(about((await prepared({ ...push, ...env, ...named })).warnings)).toEqual([])
  })
})
