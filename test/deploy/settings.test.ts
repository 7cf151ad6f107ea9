import { expect, test } from 'vitest'
import { envOf, flagOf } from '../../src/config/setting.ts'
import { settingKeys, settingOf } from '../../src/config/settings-table.ts'
import { PATHS } from '../../src/http/routes.ts'
import { renderedManifests, sidecarContainer, sidecarPod, type Container } from '../support/manifests.ts'
import { load } from '../support/settings.ts'

const PODS = ['example', 'ordinary-container', 'identity', 'web-config']
const ROWS = settingKeys().map((key) => ({ key, setting: settingOf(key) }))
const VARIABLES = ROWS.flatMap(({ key, setting }) => [envOf(key, setting), setting.otelEnv])
const FLAGS = ROWS.map(({ key, setting }) => flagOf(key, setting))
/** Of the downward API, and only used to make others. */
const PIECES = ['POD_INDEX']

/** The environment as Kubernetes expands it: a reference only sees the variables before it. */
function environmentOf(container: Container): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const { name, value = 'downward-0' } of container.env ?? []) {
    environment[name] = value.replaceAll(/\$\((\w+)\)/g, (reference, key: string) => environment[key] ?? reference)
  }
  return environment
}

test.each(PODS)('every variable, flag and path of %s exists', async (name) => {
  const container = sidecarContainer(sidecarPod(name))
  const environment = environmentOf(container)
  for (const variable of Object.keys(environment)) expect([...VARIABLES, ...PIECES]).toContain(variable)
  expect(Object.values(environment).join()).not.toContain('$(')
  const [command, ...flags] = container.args ?? []
  expect(command).toBe('run')
  for (const flag of flags) expect(FLAGS).toContain(flag.split('=')[0])
  for (const probe of [container.livenessProbe, container.readinessProbe]) {
    expect(PATHS).toContain(probe?.httpGet.path)
  }
})

test('the settings of the example are right, and its ports are those of the container', async () => {
  const container = sidecarContainer(sidecarPod('example'))
  const data = renderedManifests('example').find(({ kind }) => kind === 'ConfigMap')?.data ?? {}
  const environment = environmentOf(container)
  expect(environment['LEANMESH_CONFIG']).toBe('/etc/leanmesh/leanmesh.yaml')
  const { LEANMESH_CONFIG: _, ...env } = environment
  const { settings, problems } = await load({ yaml: data['leanmesh.yaml'] ?? '', env })
  expect(problems).toEqual([])
  const { sidecar, networks } = settings
  expect(sidecar).toMatchObject({ 'http.host': '0.0.0.0', 'http.port': 9464 })
  const ports = container.ports?.map(({ name, containerPort }) => [name, containerPort])
  expect(ports).toEqual([
    ['leanmesh', sidecar['http.port']],
    ['leanmesh-quic', Number(/\/udp\/(\d+)\//.exec(networks[0]?.listen[0] ?? '')?.[1])],
  ])
  const paths = [sidecar.names, networks[0]?.genesis]
  expect(paths).toEqual(['/etc/leanmesh/names.json', '/etc/leanmesh'])
  expect(Object.keys(data).sort()).toEqual(['config.yaml', 'leanmesh.yaml', 'names.json', 'nodes.yaml'])
  expect(Object.values(JSON.parse(data['names.json'] ?? '{}') as object)).toContain(networks[0]?.companion)
})
