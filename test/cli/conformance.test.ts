import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LEAN_NETWORK_METRICS } from '../../src/mesh/lean-metrics.ts'
import { runCommandLine } from '../support/command-line.ts'
import { serveMetrics, serveText } from '../support/metrics-server.ts'
import { fixture } from '../support/settings.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLIENTS = readdirSync(fixture('client-metrics')).flatMap((file) => /^(.+)\.txt$/.exec(file)?.[1] ?? [])
const golden = (name: string) => join(ROOT, 'test/golden/conformance', name)

/** Runs the command on a text. */
async function conformance(text: string | Uint8Array, ...options: string[]) {
  await using server = await serveText(text)
  return await runCommandLine(['conformance', server.url, '--timeout', '15', ...options])
}

const clientText = (client: string) => readFile(fixture('client-metrics', `${client}.txt`), 'utf8')

/** Every network metric as it is specified, with `lean_gossip_mesh_peers` by name. */
function conformingText(without: readonly string[] = []): string {
  const VALUES: Readonly<Record<string, string>> = { client: 'unknown', name: 'newcomer', version: '1' }
  const families = LEAN_NETWORK_METRICS.filter(({ name }) => !without.includes(name)).map((metric) => {
    const values = Object.entries(metric.labels).map(([label, allowed]) => {
      return `${label}="${VALUES[label] ?? allowed[0]}"`
    })
    const labels = values.length === 0 ? '' : `{${values.join(',')}}`
    const bounds = 'buckets' in metric ? [...metric.buckets, '+Inf'] : undefined
    const parts = bounds ? [...bounds.map((le) => `_bucket{le="${le}"} 1`), '_sum 1', '_count 1'] : [`${labels} 1`]
    return [
      `# HELP ${metric.name} ${metric.help}`,
      `# TYPE ${metric.name} ${metric.kind}`,
      ...parts.map((part) => metric.name + part),
    ]
  })
  return `${families.flat().join('\n')}\n`
}

describe('leanmesh conformance', () => {
  test.each(CLIENTS)('says of %s what is known of it', async (client) => {
    const { code, stdout, stderr } = await conformance(await clientText(client))
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    await expect(stdout).toMatchFileSnapshot(golden(`${client}.txt`))
  })

  test.each([
    ['zeam', 9, 'sum'],
    ['lantern', 8, 'sum'],
    ['ethlambda', 3, 'distinct'],
    ['ream', 2, 'distinct'],
    ['gean', 4, 'subscribers'],
    ['qlean', null, 'unknown'],
    ['nlean', null, 'unknown'],
    ['leanspec', null, 'unknown'],
  ])('says how %s counts its mesh peers', async (client, reported, definition) => {
    const { stdout } = await conformance(await clientText(client), '--json')
    expect(JSON.parse(stdout)).toMatchObject({ meshPeers: { reported, definition } })
  })

  test('prints JSON of a stable form', async () => {
    const { code, stdout, stderr } = await conformance(await clientText('ream'), '--json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    await expect(stdout).toMatchFileSnapshot(golden('ream.json'))
  })

  test("finds nothing that deviates in leanmesh's own metrics", async () => {
    const scrape = await readFile(join(ROOT, 'test/golden/three-networks.txt'), 'utf8')
    const { code, stdout } = await conformance(scrape, '--allow-absent')
    expect(code, stdout).toBe(0)
    expect(stdout).toMatch(/^lean_gossip_mesh_peers +conforms$/m)
  })
})

describe('its exit code', () => {
  test('is 0 when everything conforms', async () => {
    const { code, stdout } = await conformance(conformingText())
    expect(code, stdout).toBe(0)
    expect(stdout).toContain(
      `result      ${LEAN_NETWORK_METRICS.length} conform, 0 deviate, 0 absent; by leanEthereum/`,
    )
  })

  test('is 1 for what is absent, unless that is allowed', async () => {
    const text = conformingText(['lean_node_info', 'lean_connected_peers'])
    expect((await conformance(text)).code).toBe(1)
    expect((await conformance(text, '--allow-absent')).code).toBe(0)
  })

  test.each([
    ['something deviates', `${conformingText(['lean_node_info'])}lean_node_info 1\n`],
    ['the text has a problem', `${conformingText()}oops\n`],
    ['nothing is there, as of another program', 'go_goroutines 4\n'],
    ['the text is empty', ''],
  ])('is 1 when %s, absent or not', async (_, text) => {
    expect((await conformance(text)).code).toBe(1)
    expect((await conformance(text, '--allow-absent')).code).toBe(1)
  })

  test('is 2 when nothing can be read, with the reason as JSON too', async () => {
    await using server = await serveMetrics((response) => void response.writeHead(404).end())
    const plain = await runCommandLine(['conformance', server.url])
    expect(plain).toEqual({ code: 2, stdout: '', stderr: 'leanmesh: the answer is HTTP 404 and not 200\n' })
    const json = await runCommandLine(['conformance', server.url, '--json'])
    expect(json.code).toBe(2)
    const error = { reason: 'http_status', message: 'the answer is HTTP 404 and not 200' }
    expect(JSON.parse(json.stdout)).toEqual({ passes: false, error })
  })

  test.each([
    [[], /^leanmesh: missing required argument 'URL'/],
    [['127.0.0.1:8008'], /^leanmesh: the URL "127\.0\.0\.1:8008" is not a URL; right is, for example, http:\/\//],
    [['http://127.0.0.1/', '--timeout', '0'], /argument '0' is invalid\. It is a number of seconds, more than 0/],
    [['http://127.0.0.1/', '--timeout', '2s'], /argument '2s' is invalid/],
    [['http://127.0.0.1/', '--allow-absnt'], /Did you mean --allow-absent\?/],
  ])('is 2 for %j', async (args, message) => {
    const { code, stdout, stderr } = await runCommandLine(['conformance', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

describe('its flags', () => {
  test('name the client, and limit the time', async () => {
    const { stdout } = await conformance('lean_gossip_mesh_peers 9\n', '--client', 'zeam')
    expect(stdout).toContain('mesh peers  9; definition: sum, because zeam sums memberships over topics\n')
    await using silent = await serveMetrics(() => undefined)
    const { code, stderr } = await runCommandLine(['conformance', silent.url, '--timeout', '0.1'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/did not finish its answer within 0\.1 s\n$/)
  })

  test('are told with examples and exit codes by --help, in at most 100 columns', async () => {
    const { code, stdout } = await runCommandLine(['conformance', '--help'])
    expect(code).toBe(0)
    for (const flag of ['--allow-absent', '--json', '--client <NAME>', '--timeout <SECONDS>'])
      expect(stdout).toContain(flag)
    expect((await runCommandLine(['--help'])).stdout).toContain('\n  conformance [options] <URL>')
    expect(stdout).toContain('\nExamples:\n  leanmesh conformance http://127.0.0.1:8008/metrics\n')
    expect(stdout).toContain('\nExit codes:\n  0  ')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })
})

describe('a hostile text', () => {
  const hostile = '\u001b[2J\u202egnp.exe\u009b1m<script>alert(1)</script>\\n\\"\\\\\u2028'
  const text = [
    `# HELP lean_gossip_mesh_peers ${hostile}`,
    `lean_gossip_mesh_peers{client="${hostile}",x="\u0000"} 1`,
    `lean_node_info{name="${hostile}",version="1"} 1`,
    `${hostile} 5`,
    '',
  ].join('\n')

  test.each([['table'], ['json']])('is shown in the %s with nothing that a terminal would obey', async (form) => {
    const { code, stdout, stderr } = await conformance(text, ...(form === 'json' ? ['--json'] : []))
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(stdout).toContain('u{1b}[2J')
    const lines = form === 'json' ? [] : stdout.split('\n').filter((line) => line.startsWith('"') || line === '')
    expect(lines.length).toBeLessThanOrEqual(2)
  })
})

describe('the command as a process', () => {
  test('needs no terminal, no colour and no home, and ends by itself', async () => {
    await using server = await serveText(await clientText('zeam'))
    const args = [join(ROOT, 'src/cli/main.ts'), 'conformance', server.url, '--timeout', '15']
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>()
    const child = execFile(process.execPath, args, { env: { TERM: 'dumb', NO_COLOR: '1' } }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
    child.stdin?.end()
    expect(await promise).toEqual({ code: 1, stdout: await readFile(golden('zeam.txt'), 'utf8'), stderr: '' })
  })
})

test('the output that docs/conformance.md shows is what the command prints', async () => {
  const document = await readFile(join(ROOT, 'docs/conformance.md'), 'utf8')
  expect(document).toContain(await readFile(golden('ream.txt'), 'utf8'))
  expect(document).toContain(await readFile(golden('ream.json'), 'utf8'))
})
