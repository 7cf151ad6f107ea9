import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../http/admin-fixture.ts'
import { runCommandLine } from '../support/command-line.ts'

test('leanmesh health exits with 0 where a sidecar serves, wherever its port was set', async () => {
  const { port } = await startServer()
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-health-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const config = join(folder, 'leanmesh.yaml')
  await writeFile(config, `http: { port: ${port} }\n`)
  const healthy = { code: 0, stdout: `http://127.0.0.1:${port}/healthz answers\n`, stderr: '' }
  expect(await runCommandLine(['health', '--http-port', `${port}`])).toEqual(healthy)
  expect(await runCommandLine(['health'], { LEANMESH_HTTP_PORT: `${port}` })).toEqual(healthy)
  expect(await runCommandLine(['health'], { LEANMESH_CONFIG: config })).toEqual(healthy)
})

test('it asks on loopback where the sidecar listens on every address', async () => {
  const { port } = await startServer({}, { host: '0.0.0.0' })
  const { code, stdout } = await runCommandLine(['health', '--http-host', '0.0.0.0', '--http-port', `${port}`])
  expect({ code, stdout }).toEqual({ code: 0, stdout: `http://127.0.0.1:${port}/healthz answers\n` })
})

test('it exits with 1 where nobody answers, and says where it asked', async () => {
  const { port, server } = await startServer()
  await server.stop()
  const { code, stdout, stderr } = await runCommandLine(['health', '--http-port', `${port}`])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(`leanmesh: http://127.0.0.1:${port}/healthz: connect ECONNREFUSED`)
})

test('it exits with 2 where the settings do not say the port', async () => {
  const { code, stderr } = await runCommandLine(['health'], { LEANMESH_HTTP_PORT: '0' })
  expect(code).toBe(2)
  expect(stderr).toContain('http.port (LEANMESH_HTTP_PORT): with port 0 only the sidecar itself knows its port')
})
