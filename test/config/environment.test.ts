import { describe, expect, test } from 'vitest'
import { load, problemTexts } from '../support/settings.ts'

describe('LEANMESH_ variables', () => {
  test('that set nothing are errors, with the nearest name', async () => {
    expect(problemTexts(await load({ env: { LEANMESH_HTP_PORT: '1' } }))).toEqual([
      '"LEANMESH_HTP_PORT" (environment): no setting has this variable. Remove it, or use a variable that `leanmesh run --help` lists. Did you mean LEANMESH_HTTP_PORT?',
    ])
  })

  test('that Kubernetes makes of a service called leanmesh, or leanmesh-http, are nobody’s settings', async () => {
    const { problems, settings } = await load({
      env: {
        LEANMESH_SERVICE_HOST: '10.0.0.7',
        LEANMESH_SERVICE_PORT: '9464',
        LEANMESH_SERVICE_PORT_HTTP_METRICS: '9464',
        LEANMESH_PORT: 'tcp://10.0.0.7:9464',
        LEANMESH_PORT_9464_TCP: 'tcp://10.0.0.7:9464',
        LEANMESH_PORT_9464_TCP_ADDR: '10.0.0.7',
        LEANMESH_HTTP_PORT: 'tcp://10.0.0.7:9464',
        LEANMESH_HTTP_SERVICE_HOST: '10.0.0.7',
      },
    })
    expect(problems).toEqual([])
    expect(settings.sidecar['http.port']).toBe(9_464)
  })

  test('that are empty count as absent', async () => {
    const { problems, settings } = await load({ env: { LEANMESH_HTTP_PORT: '', LEANMESH_PEERS: '' } })
    expect(problems).toEqual([])
    expect(settings.sidecar['http.port']).toBe(9_464)
  })

  test('of lists are separated by commas', async () => {
    const { settings } = await load({ env: { LEANMESH_TOPICS: 'block, attestation_0 ,' } })
    expect(settings.networks[0]?.topics).toEqual(['block', 'attestation_0'])
  })
})

describe('OpenTelemetry variables', () => {
  test('give the resource, percent-decoded', async () => {
    const { settings, problems } = await load({
      env: { OTEL_SERVICE_NAME: 'mesh', OTEL_RESOURCE_ATTRIBUTES: 'a=1%2C2,b=%3D, c = x=y ,d=' },
    })
    expect(problems).toEqual([])
    expect(settings.sidecar['resource.service_name']).toBe('mesh')
    expect(settings.sidecar['resource.attributes']).toEqual([
      ['a', '1,2'],
      ['b', '='],
      ['c', 'x=y'],
      ['d', ''],
    ])
  })

  test('with a bad pair are problems that name the pair', async () => {
    const loaded = await load({ env: { OTEL_RESOURCE_ATTRIBUTES: 'good=1,bad,=2,broken=%ff' } })
    expect(problemTexts(loaded)).toEqual([
      'resource.attributes (OTEL_RESOURCE_ATTRIBUTES): "bad" has no "=". Use key=value, with a comma written as %2C, "=" as %3D and "%" as %25, for example deployment.environment.name=devnet.',
      'resource.attributes (OTEL_RESOURCE_ATTRIBUTES): "=2" has no key before the "=". Use key=value, with a comma written as %2C, "=" as %3D and "%" as %25, for example deployment.environment.name=devnet.',
      'resource.attributes (OTEL_RESOURCE_ATTRIBUTES): "broken=%ff" has a percent sign that starts no valid UTF-8 sequence. Use key=value, with a comma written as %2C, "=" as %3D and "%" as %25, for example deployment.environment.name=devnet.',
    ])
  })

  test('give the HTTP address', async () => {
    const env = { OTEL_EXPORTER_PROMETHEUS_HOST: '::1', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
    const { settings, whereSet } = await load({ env })
    expect(settings.sidecar).toMatchObject({ 'http.host': '::1', 'http.port': 0 })
    expect(whereSet('http.port')).toBe('OTEL_EXPORTER_PROMETHEUS_PORT')
  })
})
