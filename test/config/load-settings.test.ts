import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_CONFIGURED_NETWORKS } from '../../src/config/settings-table.ts'
import { MAX_NETWORKS } from '../../src/mesh/network-state.ts'
import { load, problemTexts, type TestSources } from '../support/settings.ts'

describe('settings without any source', () => {
  test('are one network that listens on QUIC and an HTTP server on loopback', async () => {
    const { settings, problems } = await load({})
    expect(problems).toEqual([])
    expect(settings.networks).toEqual([
      {
        name: undefined,
        genesis: undefined,
        peers: [],
        companion: undefined,
        companion_metrics: undefined,
        listen: ['/ip4/0.0.0.0/udp/0/quic-v1'],
        identity: undefined,
        topics: undefined,
        fork_digest: '12345678',
        max_message_bytes: 12_582_912,
        swarm_memory_mib: 512,
        status_interval_slots: 8,
        'quic.max_idle_timeout_ms': 4_000,
        'quic.keep_alive_interval_ms': 1_500,
      },
    ])
    expect(settings.sidecar).toMatchObject({ 'http.host': '127.0.0.1', 'http.port': 9_464, snapshot_deadline_ms: 250 })
  })

  test('allow as many networks as there are slots', () => {
    expect(MAX_CONFIGURED_NETWORKS).toBe(MAX_NETWORKS)
  })
})

describe('a YAML file', () => {
  test('sets what the sidecar has and what each network has', async () => {
    const { settings, problems, whereSet } = await load({ config: 'two-networks.yaml' })
    expect(problems).toEqual([])
    expect(settings.sidecar).toMatchObject({
      'http.port': 9_500,
      'log.level': 'warn',
      'resource.attributes': [['deployment.environment.name', 'devnet']],
    })
    expect(settings.networks.map((network) => network.name)).toEqual(['devnet-4', 'devnet-5'])
    expect(settings.networks[1]?.['quic.max_idle_timeout_ms']).toBe(8_000)
    expect(whereSet('listen', 1, 1)).toMatch(/two-networks\.yaml:16 networks\[1\]\.listen\[1\]$/)
  })

  test('keeps the digits of an unquoted text as they stand', async () => {
    const { settings } = await load({ config: 'two-networks.yaml' })
    expect(settings.networks[0]?.fork_digest).toBe('00000001')
    const other = await load({ yaml: 'networks: [{ name: 1e5, fork_digest: 0x10 }]' })
    expect(other.settings.networks[0]).toMatchObject({ name: '1e5', fork_digest: '0x10' })
  })

  test('with one network is overridden by flags and variables', async () => {
    const flags = { name: ['from-flag'], 'http.port': ['1'] }
    const { settings, problems } = await load({
      config: 'one-network.yaml',
      flags,
      env: { LEANMESH_FORK_DIGEST: '9', LEANMESH_HTTP_PORT: '2' },
    })
    expect(problems).toEqual([])
    expect(settings.networks).toMatchObject([{ name: 'from-flag', fork_digest: '9' }])
    expect(settings.sidecar).toMatchObject({ 'http.port': 1, 'http.host': '127.0.0.2' })
  })

  test('switches on and off what is a switch, in every source', async () => {
    const cases: [TestSources, boolean][] = [
      [{}, false],
      [{ yaml: 'lean_node_info: true' }, true],
      [{ yaml: 'lean_node_info: true', flags: { lean_node_info: ['false'] } }, false],
      [{ env: { LEANMESH_LEAN_NODE_INFO: 'true' } }, true],
    ]
    for (const [sources, expected] of cases) {
      expect((await load(sources)).settings.sidecar.lean_node_info).toBe(expected)
    }
    expect(problemTexts(await load({ yaml: 'lean_node_info: yes' }))).toEqual([
      'lean_node_info (leanmesh.yaml:1 lean_node_info): "yes" is not one of the choices. Use true or false.',
    ])
  })

  test('with several networks forbids flags and variables of one network, and names each of them', async () => {
    const loaded = await load({
      config: 'two-networks.yaml',
      flags: { topics: ['block'] },
      env: { LEANMESH_LISTEN: '/ip4/127.0.0.1/tcp/1', LEANMESH_HTTP_PORT: '1' },
    })
    expect(problemTexts(loaded)).toEqual([
      'listen (LEANMESH_LISTEN): it is a setting of one network, and the YAML file has 2. Set listen in the items of networks in the YAML file instead.',
      'topics (--topics): it is a setting of one network, and the YAML file has 2. Set topics in the items of networks in the YAML file instead.',
    ])
  })

  test('may name its networks by their position', async () => {
    const loaded = await load({ yaml: 'networks: [{ fork_digest: a }, { name: "0" }]' })
    expect(loaded.problems.map(({ setting }) => setting)).toEqual(['name'])
  })
})

describe('problems of all sources', () => {
  test('are reported together, each with where it was set', async () => {
    const loaded = await load({
      config: 'five-mistakes.yaml',
      flags: { devnet: ['17'], peers: [''] },
      env: { LEANMESH_LOG_FORMAT: 'xml', OTEL_EXPORTER_PROMETHEUS_HOST: 'not a host' },
    })
    const places = loaded.problems.map(({ where }) => where)
    expect(places).toContain('--devnet')
    expect(places).toContain('LEANMESH_LOG_FORMAT')
    expect(places).toContain('OTEL_EXPORTER_PROMETHEUS_HOST')
    expect(loaded.problems).toHaveLength(8)
  })

  test('show values bounded and on one line', async () => {
    const loaded = await load({ flags: { 'http.port': [`1\n\u001b[2J${'9'.repeat(10_000)}`] } })
    const [text = ''] = problemTexts(loaded)
    expect(text.length).toBeLessThan(300)
    expect(text).not.toMatch(/\p{Cc}/u)
  })
})

describe('the law of precedence', () => {
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined })

  test('flags > LEANMESH_* > OTEL_* > YAML > default, whichever of them are there', async () => {
    await fc.assert(
      fc.asyncProperty(port, port, port, port, async (flag, env, otel, yaml) => {
        const loaded = await load({
          ...(yaml === undefined ? {} : { yaml: `http: { port: ${yaml} }` }),
          flags: flag === undefined ? {} : { 'http.port': [String(flag)] },
          env: {
            ...(env === undefined ? {} : { LEANMESH_HTTP_PORT: String(env) }),
            ...(otel === undefined ? {} : { OTEL_EXPORTER_PROMETHEUS_PORT: String(otel) }),
          },
        })
        expect(loaded.problems).toEqual([])
        expect(loaded.settings.sidecar['http.port']).toBe(flag ?? env ?? otel ?? yaml ?? 9_464)
      }),
    )
  })

  test('loading never throws, whatever the texts are', async () => {
    const text = fc.string({ unit: 'binary' })
    await fc.assert(
      fc.asyncProperty(text, text, text, async (yaml, value, name) => {
        const env = { LEANMESH_LISTEN: value, OTEL_RESOURCE_ATTRIBUTES: value, [`LEANMESH_${name}`]: value }
        const flags = { peers: [value], devnet: [value], name: [value], 'http.host': [value] }
        const { settings } = await load({ yaml, flags, env })
        expect(settings.networks).toHaveLength(1)
      }),
    )
  })

  test('a file of nearly right YAML never throws either', async () => {
    const key = fc.constantFrom(
      'http',
      'port',
      'networks',
      'listen',
      'quic',
      'name',
      'log',
      'level',
      '__proto__',
      'peers',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.string(), fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
    }))
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        const { settings } = await load({ yaml: JSON.stringify(value) })
        expect(settings.networks.length).toBeLessThanOrEqual(MAX_NETWORKS)
      }),
    )
  })
})
