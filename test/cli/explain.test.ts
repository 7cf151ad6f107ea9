import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { MeshDocument } from '../../src/verdict/mesh-document.ts'
import { meshDocument, network, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'
import { runCommandLine } from '../support/command-line.ts'
import { serveMetrics, serveText } from '../support/metrics-server.ts'
import { runInTerminal } from '../support/terminal.ts'

const ROOT = join(import.meta.dirname, '../..')
const golden = (name: string) => join(ROOT, 'test/golden/explain', name)

const WELL = meshDocument({
  networks: [network({ targets: [], heads: [], restarts: {} })],
})
const BLOCK_ALONE = {
  topic: '/leanconsensus/12345678/block/ssz_snappy',
  subscribers: 0,
  mesh: [],
  ...SUPPLY,
  deficit: 6,
}
const WRONG = meshDocument({
  networks: [
    network({
      meshPeers: 0,
      topics: [BLOCK_ALONE],
      foreignForks: { peers: 3, digests: [{ forkDigest: 'devnet0', peers: 3 }] },
      heads: [],
      restarts: {},
    }),
  ],
  neverSeen: ['qlean_2'],
})

async function explain(document: MeshDocument | string, ...options: string[]) {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  await using server = await serveText(text, { 'Content-Type': 'application/json' })
  return await runCommandLine(['explain', new URL('/', server.url).href, '--timeout', '15', ...options])
}

describe('leanmesh explain', () => {
  test.each([
    ['well', 0, WELL],
    ['wrong', 1, WRONG],
  ] as const)('says what is %s, in words and as JSON', async (name, expected, document) => {
    const { code, stdout, stderr } = await explain(document)
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' })
    await expect(stdout).toMatchFileSnapshot(golden(`${name}.txt`))
    const json = await explain(document, '--json')
    expect(json.code).toBe(expected)
    await expect(json.stdout).toMatchFileSnapshot(golden(`${name}.json`))
  })

  test('names the network where there are several', async () => {
    const networks = [network({ networkId: 'a' }), network({ networkId: 'b' })]
    const { stdout } = await explain(meshDocument({ networks }))
    expect(stdout).toMatch(/^1\. {2}Network a: /)
    expect(stdout).toContain('Network b: ')
  })

  test.each(['/', '/v1/mesh', '/metrics', ''])('finds the document from a URL that ends in %j', async (path) => {
    const asked: unknown[] = []
    await using server = await serveMetrics((response, request) => {
      asked.push(request.url, request.headers.accept)
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(WELL))
    })
    const { code } = await runCommandLine(['explain', `${new URL(server.url).origin}${path}`, '--timeout', '15'])
    expect({ code, asked }).toEqual({ code: 0, asked: ['/v1/mesh', 'application/json'] })
  })

  test('takes a document of an older sidecar, without what was added since', async () => {
    const { networkId, phase, meshPeers, connectedPeers, topics, targets } = network({ targets: [] })
    const old = { networkId, phase, meshPeers, connectedPeers, topics, targets, snapshotAgeSeconds: 0.1 }
    const text = JSON.stringify({ version: '0.0.1', generatedAt: 'x', clientLabels: true, networks: [old] })
    expect((await explain(text)).code).toBe(0)
  })

  test.each([
    [
      '{"networks":',
      /^leanmesh: the answer of "http:.+\/v1\/mesh" is not JSON: is the URL that of a leanmesh sidecar\?\n$/,
    ],
    ['{"networks":[]}', /is not what \/v1\/mesh of a sidecar says \(version: /],
  ])('refuses %j with exit code 2', async (text, message) => {
    const { code, stdout, stderr } = await explain(text)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    const json = JSON.parse((await explain(text, '--json')).stdout)
    expect(json).toMatchObject({ isWell: false, error: { reason: 'not_a_sidecar' } })
  })

  test.each([
    ['http://127.0.0.1:1/', /^leanmesh: "127\.0\.0\.1:1": connection refused: does it run, and is the URL right\?\n$/],
    [
      '127.0.0.1:9464',
      /is not http:\/\/ or https:\/\/|is not a URL; right is, for example, http:\/\/127\.0\.0\.1:9464\/\n$/,
    ],
  ])('ends with exit code 2 when %j cannot be read', async (url, message) => {
    const { code, stderr } = await runCommandLine(['explain', url])
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  test('says in its help what the exit codes are', async () => {
    const { stdout } = await runCommandLine(['explain', '--help'])
    expect(stdout).toContain('\nExit codes:\n  0  all is well\n')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('prints nothing that a terminal would obey, whatever the document says', async () => {
    const hostile = '\u001b[2J\u202egnp\u009b1m\n\r\u2028\u0007'
    const target = { ...ZEAM, name: hostile, phase: 'waiting' as const, failures: 1, lastError: hostile.repeat(90) }
    const networks = [
      network({ networkId: hostile, targets: [target] }),
      network({ phase: 'stopped', lastError: hostile }),
    ]
    for (const options of [[], ['--json']]) {
      const { code, stdout } = await explain(
        meshDocument({ networks, neverSeen: [hostile], version: hostile }),
        ...options,
      )
      expect(code).toBe(1)
      expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
    }
  })
})

describe('in a real terminal of 80 columns', () => {
  test('every line fits, and nothing but text and line ends is written', async () => {
    await using server = await serveText(JSON.stringify(WRONG), { 'Content-Type': 'application/json' })
    const { code, output } = await runInTerminal(['explain', new URL('/', server.url).href, '--timeout', '15'])
    expect(code, output).toBe(1)
    expect(output.replaceAll('\r\n', '\n')).toBe(await readFile(golden('wrong.txt'), 'utf8'))
    expect(Math.max(...output.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })
})

test('the output that docs/probe.md shows is what the command prints', async () => {
  const document = await readFile(join(ROOT, 'docs/probe.md'), 'utf8')
  expect(document).toContain(await readFile(golden('wrong.txt'), 'utf8'))
})
