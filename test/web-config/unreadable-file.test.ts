import { rm, symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.ts'
import { ALICE, ask, guardedServer, HASH } from './guarded-server.ts'

const USERS = `basic_auth_users: { alice: ${HASH} }\n`

test('a link that leads to itself is a bad new version, with TLS too, and ends nothing', async () => {
  const authority = await createAuthority()
  const { cert, key } = await authority.server()
  const config = `tls_server_config: { cert_file: cert.pem, key_file: key.pem }\n`
  const { url, file, write, web, lines } = await guardedServer({ 'web.yaml': config, 'cert.pem': cert, 'key.pem': key })
  expect((await ask(url, { ca: authority.cert })).status).toBe(200)
  await rm(file)
  await symlink(file, file)
  for (let request = 0; request < 2; request++) expect((await ask(url, { ca: authority.cert })).status).toBe(200)
  expect(() => web.refresher.refresh(AbortSignal.timeout(1000))).toThrow(/its symbolic links go round in a circle/)
  await write('web.yaml', config)
  expect((await ask(url, { ca: authority.cert })).status).toBe(200)
  await web.refresher.refresh(AbortSignal.timeout(1000))
  expect(lines).toHaveLength(1)
})

test.each([
  ['has a zero byte', String.raw`a\0b`],
  ['is too long', 'x'.repeat(5000)],
])('a path in it that %s is a bad new version', async (_what, path) => {
  const { url, write, web } = await guardedServer({ 'web.yaml': USERS })
  await write('web.yaml', `${USERS}tls_server_config: { cert_file: "${path}", key_file: key.pem }\n`)
  for (let request = 0; request < 2; request++) expect((await ask(url, { auth: ALICE })).status).toBe(200)
  expect((await ask(url)).status).toBe(401)
  expect(() => web.refresher.refresh(AbortSignal.timeout(1000))).toThrow(/cannot read/)
})
