import { describe, expect, test } from 'vitest'
import { importsOf, sourceFiles } from './source-files.ts'

/** A part is a folder of `src`, or a file beside them. What each may import, besides itself and `EVERYWHERE`. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  mesh: [],
  config: [],
  lifecycle: [],
  verdict: ['mesh'],
  page: ['mesh', 'verdict'],
  http: ['mesh', 'page', 'verdict'],
  genesis: ['mesh'],
  'web-config': ['genesis', 'mesh', 'lifecycle'],
  channel: ['mesh', 'lifecycle'],
  metrics: ['mesh', 'gossipsub-metrics'],
  measure: ['mesh'],
  'gossipsub-metrics': ['mesh'],
  swarm: ['mesh', 'measure', 'gossipsub-metrics', 'channel', 'lifecycle'],
  networks: ['mesh', 'channel', 'lifecycle'],
  companion: ['mesh', 'lifecycle'],
  devnet: ['mesh', 'lifecycle', 'swarm'],
  exporters: [],
  'errors.ts': [],
  'log.ts': ['standard-error.ts'],
  'standard-error.ts': [],
  'version.ts': [],
  'observe.ts': ['mesh', 'metrics'],
  'gossipsub-metrics-register.ts': ['mesh', 'gossipsub-metrics'],
  'swarm-main.ts': ['swarm', 'channel', 'mesh', 'lifecycle', 'version.ts'],
  'devnet-main.ts': ['devnet', 'lifecycle'],
  'sidecar.ts': [
    'channel',
    'companion',
    'config',
    'devnet',
    'exporters',
    'genesis',
    'http',
    'lifecycle',
    'mesh',
    'metrics',
    'networks',
    'swarm',
    'verdict',
    'version.ts',
    'web-config',
  ],
  cli: ['companion', 'config', 'genesis', 'mesh', 'sidecar.ts', 'verdict', 'version.ts', 'web-config'],
  'index.ts': ['mesh', 'observe.ts', 'gossipsub-metrics-register.ts'],
}
const EVERYWHERE = ['errors.ts', 'log.ts']

/** Parts that must stay light, or must not bind an application to a library: the packages they may import. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  mesh: /^$/,
  measure: /^$/,
  'gossipsub-metrics': /^$/,
  lifecycle: /^node:/,
  metrics: /^(node:|@opentelemetry\/api$)/,
  'observe.ts': /^@opentelemetry\/api$/,
  'gossipsub-metrics-register.ts': /^@opentelemetry\/api$/,
  companion: /^(node:|fastest-levenshtein$)/,
  verdict: /^$/,
  page: /^(node:|hono\/html$)/,
  http: /^(node:|hono\b|@hono\/node-server\b)/,
  'web-config': /^(node:|yaml$|bcryptjs$)/,
  exporters: /^(node:|@opentelemetry\/)/,
}

/** The parent's composition root may take several files, all named for it. */
const partOf = (path: string): string => path.replace(/^sidecar-[a-z-]+\.ts$/, 'sidecar.ts').replace(/\/.*/, '')
const files = sourceFiles()

describe('the import table', () => {
  test('has a row for every part', () => {
    const parts = new Set(files.map(({ path }) => partOf(path)))
    expect([...parts].filter((part) => !(part in TABLE))).toEqual([])
  })

  test('every part imports only what its row allows', () => {
    const violations = files.flatMap((file) => {
      const part = partOf(file.path)
      const allowed = [part, ...EVERYWHERE, ...(TABLE[part] ?? [])]
      const others = importsOf(file).files.filter((path) => !allowed.includes(partOf(path)))
      return others.map((path) => `${file.path} imports ${path}`)
    })
    expect(violations).toEqual([])
  })

  test('light parts import only the packages that they may', () => {
    const violations = files.flatMap((file) => {
      const allowed = PACKAGES[partOf(file.path)]
      const others = importsOf(file).packages.filter((name) => allowed?.test(name) === false)
      return others.map((name) => `${file.path} imports ${name}`)
    })
    expect(violations).toEqual([])
  })

  test('is read from real imports', () => {
    const imports = importsOf({
      path: 'http/a.ts',
      text: [
        "import type { A } from '../mesh/a.ts'",
        'import {',
        '  b,',
        "} from './b.ts'",
        "import 'node:fs'",
        "export { c } from '../c.ts'",
        "const d = await import('pino')",
      ].join('\n'),
    })
    expect(imports).toEqual({ files: ['mesh/a.ts', 'http/b.ts', 'c.ts'], packages: ['node:fs', 'pino'] })
  })
})
