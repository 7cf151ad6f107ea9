/** A sidecar behind a web config, asked by the programs that operators have. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hashSync } from 'bcryptjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { toolPath } from '../../tools/tool-path.ts'
import { createAuthority, type CertificateAuthority } from '../support/certificates.ts'
import { startCollector } from '../support/collector.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'
import { replaceFile } from '../support/temporary-folder.ts'
import { webFolder, type WebFolder } from '../web-config/guarded-server.ts'

const run = promisify(execFile)
const WAIT_MS = 20_000
/** Also how long a scrape may take. */
const INTERVAL_MS = 1000
const FULL = `tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  client_allowed_sans: [scraper.example]
  min_version: TLS13
http_server_config:
  http2: false
  headers: { Strict-Transport-Security: max-age=60 }
basic_auth_users:
  prometheus: ${hashSync('open sesame', 10)}
`
let authority: CertificateAuthority
let files: Record<string, string>

beforeAll(async () => {
  authority = await createAuthority()
  const [server, client] = [await authority.server(), await authority.client()]
  const stranger = await (await createAuthority('CN=another CA')).client()
  files = {
    'cert.pem': server.cert,
    'key.pem': server.key,
    'ca.pem': authority.cert,
    'client.pem': client.cert,
    'client.key': client.key,
    'stranger.pem': stranger.cert,
    'stranger.key': stranger.key,
    'web.yaml': FULL,
  }
})

/** What Prometheus and the collector call these things. */
function scrapeConfig(job: string, { path }: WebFolder, target: string, changes: object = {}) {
  return {
    job_name: job,
    scheme: 'https',
    static_configs: [{ targets: [target] }],
    tls_config: {
      ca_file: join(path, 'ca.pem'),
      cert_file: join(path, 'client.pem'),
      key_file: join(path, 'client.key'),
    },
    basic_auth: { username: 'prometheus', password: 'open sesame' },
    ...changes,
  }
}

describe('curl', () => {
  test('gets the metrics with all that is asked for, and with less the reason', async () => {
    const { path, file } = await webFolder(files)
    await using sidecar = await startRunningSidecar({ webConfig: file })
    const curl = async (...args: string[]) =>
      (await run('curl', ['-sS', '-w', '%{http_code}', ...args, `${sidecar.url}metrics`], { cwd: path })).stdout
    const trust = ['--cacert', 'ca.pem']
    const certificate = ['--cert', 'client.pem', '--key', 'client.key']
    const user = ['-u', 'prometheus:open sesame']
    expect(await curl(...trust, ...certificate, ...user)).toMatch(/^lean_gossip_mesh_running.*200$/ms)
    expect(await curl(...trust, ...certificate, ...user, '-I')).toMatch(/^strict-transport-security: max-age=60\r$/im)
    expect(await curl(...trust, ...certificate)).toBe('a user and a password are needed\n401')
    expect(await curl(...trust, ...certificate, '-u', 'prometheus:wrong')).toMatch(/401$/)
    expect(await curl(...trust, ...user)).toBe('a client certificate is needed\n403')
    expect(await curl(...trust, '--cert', 'stranger.pem', '--key', 'stranger.key', ...user)).toMatch(
      /not one of the CA.*403$/s,
    )
    await expect(curl(...certificate, ...user)).rejects.toMatchObject({ code: 60 })
    await expect(curl(...trust, ...certificate, ...user, '--tls-max', '1.2')).rejects.toMatchObject({ code: 35 })
  })
})

describe('Prometheus', () => {
  test('reads the same file as its own web configuration', async () => {
    const { file, write } = await webFolder(files)
    const check = () => run(toolPath('promtool'), ['check', 'web-config', file])
    await expect(check()).resolves.toMatchObject({ stderr: expect.stringContaining('SUCCESS') as string })
    await write('web.yaml', FULL.replace('cert_file', 'certfile'))
    await expect(check()).rejects.toThrow(/certfile/)
  })

  test('scrapes with tls_config and basic_auth, and what lacks one of them is down', async () => {
    const folder = await webFolder(files)
    await using sidecar = await startRunningSidecar({ webConfig: folder.file })
    const config = (job: string, changes?: object) => scrapeConfig(job, folder, new URL(sidecar.url).host, changes)
    const { tls_config } = config('good')
    const jobs = [
      config('good'),
      config('no-user', { basic_auth: undefined }),
      config('wrong-password', { basic_auth: { username: 'prometheus', password: 'wrong' } }),
      config('no-certificate', { tls_config: { ca_file: tls_config.ca_file } }),
      config('no-ca', { tls_config: { ...tls_config, ca_file: undefined } }),
      config('no-tls', { scheme: 'http', tls_config: undefined }),
    ]
    await using prometheus = await startPrometheus({
      scrapeIntervalMs: INTERVAL_MS,
      extraConfig: { scrape_configs: jobs },
    })
    const up = await prometheus.waitForQuery(
      'up',
      (rows) => rows.length === jobs.length && rows.some(({ value }) => value === 1),
      WAIT_MS,
    )
    expect(up.filter(({ value }) => value === 1).map(({ metric }) => metric['job'])).toEqual(['good'])
    for (const reason of ['handshake', 'client_certificate', 'credentials'])
      await prometheus.waitForQuery(
        `leanmesh_http_refused_total{reason="${reason}"}`,
        ([row]) => (row?.value ?? 0) > 0,
        WAIT_MS,
      )
  })

  test('loses no scrape when the certificate is renewed, none to a bad version, and every one to a new client CA', async () => {
    const folder = await webFolder(files)
    await using sidecar = await startRunningSidecar({ webConfig: folder.file })
    const jobs = [scrapeConfig('good', folder, new URL(sidecar.url).host)]
    await using prometheus = await startPrometheus({
      scrapeIntervalMs: INTERVAL_MS,
      extraConfig: { scrape_configs: jobs },
    })
    const success = 'leanmesh_refresher_success{refresher="web_config"}'
    await prometheus.waitForQuery(success, ([row]) => row?.value === 1, WAIT_MS)

    const renewed = await authority.server()
    await folder.write('key.pem', renewed.key)
    await prometheus.waitForQuery(success, ([row]) => row?.value === 0, WAIT_MS)
    await folder.write('cert.pem', renewed.cert)
    await prometheus.waitForQuery(success, ([row]) => row?.value === 1, WAIT_MS)
    await folder.write('web.yaml', 'tls_server_config: {')
    await prometheus.waitForQuery(success, ([row]) => row?.value === 0, WAIT_MS)
    await folder.write('web.yaml', FULL)
    await prometheus.waitForQuery(success, ([row]) => row?.value === 1, WAIT_MS)
    const [up] = await prometheus.points('up')
    const values = up?.points.map(({ value }) => value) ?? []
    // The first scrapes wait for a swarm and a password that nobody has seen yet.
    expect(values.slice(values.indexOf(1)).filter((value) => value !== 1)).toEqual([])
    expect(values.filter((value) => value === 1).length).toBeGreaterThanOrEqual(4)

    // Prometheus keeps its connection, which was made with a certificate that does not count any more.
    await folder.write('client-ca.pem', (await createAuthority('CN=next CA')).cert)
    await folder.write('web.yaml', FULL.replace('client_ca_file: ca.pem', 'client_ca_file: client-ca.pem'))
    await prometheus.waitForQuery('up', ([row]) => row?.value === 0, WAIT_MS)
  })
})

test("the collector's Prometheus receiver scrapes with tls_config and basic_auth", async () => {
  const folder = await webFolder(files)
  await using sidecar = await startRunningSidecar({ webConfig: folder.file })
  const host = new URL(sidecar.url).host
  const jobs = [
    scrapeConfig('good', folder, host),
    scrapeConfig('wrong-password', folder, host, { basic_auth: { username: 'prometheus', password: 'wrong' } }),
  ].map((job) => ({ ...job, scrape_interval: '1s', scrape_timeout: '1s' }))
  const overlay = join(folder.path, 'overlay.json')
  await replaceFile(overlay, { receivers: { prometheus: { config: { scrape_configs: jobs } } } })
  await using backEnd = await startPrometheus({ flags: ['--web.enable-otlp-receiver'] })
  const env = { COLLECTOR_RECEIVERS: '[prometheus]', COLLECTOR_OTLP_BACKEND: `${backEnd.url}/api/v1/otlp` }
  await using _collector = await startCollector({ env, overlays: [overlay] })
  const up = (job: string) => `up{job="${job}"}`
  await backEnd.waitForQuery(up('good'), ([row]) => row?.value === 1, WAIT_MS)
  await backEnd.waitForQuery(up('wrong-password'), ([row]) => row?.value === 0, WAIT_MS)
  await backEnd.waitForQuery('lean_gossip_mesh_running', ([row]) => row?.value === 1, WAIT_MS)
})
