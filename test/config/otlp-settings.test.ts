import { describe, expect, test } from 'vitest'
import { metricsExporters } from '../../src/config/metrics-exporters.ts'
import { load, problemTexts, type TestSources } from '../support/settings.ts'

const exportersOf = async (sources: TestSources) => {
  const { settings, whereSet } = await load(sources)
  return metricsExporters(settings, whereSet)
}

describe('the exporters', () => {
  test.each<[string, TestSources, { prometheus: boolean; otlp: boolean }]>([
    ['prometheus by default', {}, { prometheus: true, otlp: false }],
    ['otlp alone', { env: { OTEL_METRICS_EXPORTER: 'otlp' } }, { prometheus: false, otlp: true }],
    ['both', { env: { OTEL_METRICS_EXPORTER: 'prometheus, otlp' } }, { prometheus: true, otlp: true }],
    ['none', { env: { OTEL_METRICS_EXPORTER: 'none' } }, { prometheus: false, otlp: false }],
    [
      'both where leanmesh is given an endpoint',
      { env: { LEANMESH_OTLP_ENDPOINT: 'http://collector:4318' } },
      { prometheus: true, otlp: true },
    ],
    [
      'both where the YAML file has an endpoint',
      { yaml: 'otlp: { endpoint: http://collector:4318 }' },
      { prometheus: true, otlp: true },
    ],
    [
      'prometheus where only an OpenTelemetry variable has an endpoint',
      { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' } },
      { prometheus: true, otlp: false },
    ],
    [
      'those that are named, whatever has an endpoint',
      { env: { OTEL_METRICS_EXPORTER: 'prometheus', LEANMESH_OTLP_ENDPOINT: 'http://collector:4318' } },
      { prometheus: true, otlp: false },
    ],
  ])('are %s', async (_title, sources, expected) => {
    expect(await exportersOf(sources)).toEqual(expected)
  })

  test('that stand beside none are a problem', async () => {
    expect(problemTexts(await load({ env: { OTEL_METRICS_EXPORTER: 'none,otlp' } }))).toEqual([
      'metrics.exporters (OTEL_METRICS_EXPORTER): none stands beside another. Use none alone.',
    ])
  })

  test('that do not exist are a problem', async () => {
    const [problem] = problemTexts(await load({ env: { OTEL_METRICS_EXPORTER: 'console' } }))
    expect(problem).toContain('"console" is not one of the choices. Use prometheus, otlp or both, or none alone')
  })
})

describe('OpenTelemetry variables of the push', () => {
  const push = { OTEL_METRICS_EXPORTER: 'otlp' }

  test('are settings, and those for metrics alone count more', async () => {
    const { settings, problems, whereSet } = await load({
      env: {
        ...push,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://general:4318',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics.example/push',
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=%24ecret,tenant=a',
        OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '',
        OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_METRIC_EXPORT_INTERVAL: '15000',
        OTEL_METRIC_EXPORT_TIMEOUT: '5000',
      },
    })
    expect(problems).toEqual([])
    expect(settings.sidecar).toMatchObject({
      'otlp.endpoint': 'https://metrics.example/push',
      'otlp.headers': [
        ['api-key', '$ecret'],
        ['tenant', 'a'],
      ],
      'otlp.timeout_ms': 2000,
      'otlp.compression': 'gzip',
      'otlp.interval_ms': 15_000,
      'otlp.export_timeout_ms': 5000,
    })
    expect(whereSet('otlp.endpoint')).toBe('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')
  })

  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'is not http:// or https://'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'no url', 'is not a URL'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'is not one of the choices'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'is not a whole number'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'is not one of the choices'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '0', 'is less than 100'],
  ])('%s=%s is a problem where something is pushed, and for others where nothing is', async (name, value, wrong) => {
    const [problem, ...others] = problemTexts(await load({ env: { ...push, [name]: value } }))
    expect(problem).toContain(`(${name}): "${value}" ${wrong}`)
    expect(others).toEqual([])
    expect(problemTexts(await load({ env: { [name]: value } }))).toEqual([])
  })

  test.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'key=s3cret%0A', 'is not an HTTP header'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 's3cret', 'has no "="'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a key=s3cret', 'is not an HTTP header'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://me:s3cret@collector', 'has credentials'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector/?key=s3cret', 'has credentials, a query'],
  ])('%s=%s is a problem that does not show the secret', async (name, value, wrong) => {
    const text = problemTexts(await load({ env: { ...push, [name]: value } })).join('\n')
    expect(text).toContain(wrong)
    expect(text).not.toContain('s3cret')
  })
})
