/** A running sidecar is given every secret that there is, and everything that it says is searched for them. */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { childPids } from '../support/child-processes.ts'
import { runCommandLine } from '../support/command-line.ts'
import { serveMetrics } from '../support/metrics-server.ts'
import { startCommand } from '../support/running-command.ts'
import { fixture } from '../support/settings.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const IDENTITY = '7'.repeat(32) + 'a'.repeat(32)
const HEADER = 's3cret-of-the-header'
const ROUTES = ['', 'metrics', 'v1/mesh', 'v1/companion', 'healthz', 'readyz', 'no-such-route']

/** Whatever a secret looks like when it is written down. */
function forms(secret: string): string[] {
  const bytes = /^[0-9a-f]{64}$/.test(secret) ? Buffer.from(secret, 'hex') : Buffer.from(secret)
  return [
    secret,
    secret.toUpperCase(),
    bytes.toString('base64').slice(0, 40),
    [...bytes].join(),
    bytes.toString('latin1'),
  ]
}

function expectNoSecret(text: string, secrets: readonly string[]): void {
  expect(secrets.flatMap(forms).filter((form) => text.includes(form))).toEqual([])
}

async function secretFolder(path: string): Promise<string[]> {
  await cp(fixture('genesis'), join(path, 'genesis'), { recursive: true })
  await writeFile(join(path, 'own.key'), `${IDENTITY}\n`, { mode: 0o600 })
  const validators = await readFile(fixture('genesis', 'validator-config.yaml'), 'utf8')
  return [IDENTITY, HEADER, ...(validators.match(/[0-9a-f]{64}/g) ?? [])]
}

/** Processes start slowly on a busy machine. */
const BUSY_MS = 60_000

test(
  'no secret is in what a running sidecar logs, serves, pushes or shows of its processes',
  { timeout: BUSY_MS },
  async () => {
    await using folder = await temporaryFolder()
    const secrets = await secretFolder(folder.path)
    expect(secrets.length).toBeGreaterThan(4)
    let pushes = 0
    // It says what it was sent, as a proxy may: that must not come back into a log.
    await using receiver = await serveMetrics((response, { headers }) => {
      pushes++
      response.writeHead(400, { 'x-echo': String(headers['api-key']) }).end(JSON.stringify(headers))
    })
    const flags = ['--genesis', join(folder.path, 'genesis'), '--identity', join(folder.path, 'own.key')]
    const pushing = ['--otlp-endpoint', new URL(receiver.url).origin, '--otlp-interval-ms', '100']
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${HEADER}`,
      LEANMESH_LOG_LEVEL: 'debug',
      LEANMESH_LOG_FORMAT: 'json',
    }
    await using command = await startCommand([...flags, ...pushing], env)
    await command.untilPrinted(/do not arrive by OTLP/)
    const get = async (path: string): Promise<string> => {
      const response = await fetch(new URL(path, command.url))
      return `${JSON.stringify([...response.headers])}\n${await response.text()}`
    }
    await vi.waitFor(
      async () => expect(await get('metrics')).toContain('lean_gossip_mesh_running{network_id="0"} 1'),
      40_000,
    )
    const served = (await Promise.all(ROUTES.map(get))).join('\n')
    expect(pushes).toBeGreaterThan(0)
    const pids = [command.pid, ...childPids(command.pid)]
    expect(pids.length).toBe(2)
    const commandLines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1')))
    const [, ...environments] = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1')))
    expectNoSecret([command.printed(), served, ...commandLines, ...environments].join('\n'), secrets)
  },
)

test('no secret is in what the commands print, of right files and of wrong ones', { timeout: BUSY_MS }, async () => {
  await using folder = await temporaryFolder()
  const secrets = await secretFolder(folder.path)
  const [genesis, key] = [join(folder.path, 'genesis'), join(folder.path, 'own.key')]
  const outputs: string[] = []
  const run = async (args: string[], env: Record<string, string> = {}): Promise<number> => {
    const { code, stdout, stderr } = await runCommandLine(args, env)
    outputs.push(stdout, stderr)
    return code
  }
  const names = ['names', '--genesis', genesis, '--out', join(folder.path, 'names.json')]
  expect(await run(names)).toBe(0)
  outputs.push(await readFile(join(folder.path, 'names.json'), 'utf8'))
  const env = { OTEL_EXPORTER_OTLP_HEADERS: `api-key=${HEADER}` }
  expect(await run(['check', '--genesis', genesis, '--identity', key], env)).toBe(0)
  expect(await run(['check', '--genesis', genesis, '--otlp-headers', `\0${HEADER}`])).toBe(2)
  expect(await run(['check', '--genesis', genesis, '--identity', IDENTITY])).toBe(2)
  expect(await run(['check', '--genesis', genesis, '--otlp-endpoint', `http://user:${HEADER}@host`])).toBe(2)

  await writeFile(key, `${IDENTITY}!\n`)
  expect(await run(['check', '--genesis', genesis, '--identity', key])).toBe(2)
  const config = join(folder.path, 'leanmesh.yaml')
  await writeFile(config, `http: { port: 9464 }\n}"\notlp: { headers: api-key=${HEADER} }\n`)
  expect(await run(['check', '--config', config])).toBe(2)
  const validators = join(genesis, 'validator-config.yaml')
  await writeFile(validators, (await readFile(validators, 'utf8')).replaceAll('privkey: "', 'privkey: !'))
  expect(await run(names)).not.toBe(0)
  expectNoSecret(outputs.join('\n'), secrets)
})
