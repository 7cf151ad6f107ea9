import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createWeb } from '../../src/sidecar-web.ts'
import { startServer } from '../http/admin-fixture.ts'
import { createAuthority } from '../support/certificates.ts'
import { recordingLog } from '../support/recording-log.ts'
import { webFolder } from './guarded-server.ts'

const CONFIG =
  'tls_server_config: { cert_file: cert.pem, key_file: key.pem, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem }\n'
const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'

test('a connection of before a change is not taken for one from the same port to another address', async () => {
  const authority = await createAuthority()
  const { cert, key } = await authority.server()
  const folder = await webFolder({ 'web.yaml': CONFIG, 'cert.pem': cert, 'key.pem': key, 'ca.pem': authority.cert })
  const web = createWeb(folder.file, recordingLog().log)
  onTestFinished(() => web?.guard.stop())
  const { port } = await startServer({ guard: web?.guard }, { tls: web?.tls, host: '0.0.0.0' })
  const from = { port, localAddress: '127.0.0.1' }
  const kept = connect({ ...from, host: '127.0.0.1', ca: authority.cert, ...(await authority.client()) })
  onTestFinished(() => void kept.destroy())
  await once(kept, 'secureConnect')
  kept.write(REQUEST)
  await once(kept, 'data')
  await folder.write('ca.pem', (await createAuthority('CN=next CA')).cert)
  const other = connectPlain({ ...from, host: '127.0.0.2', localPort: kept.localPort ?? 0 })
  onTestFinished(() => void other.destroy())
  await once(other, 'connect')
  const answers: Buffer[] = []
  kept.on('data', (chunk: Buffer) => answers.push(chunk)).on('error', () => undefined)
  kept.write(REQUEST)
  await Promise.race([once(kept, 'close'), once(kept, 'data')])
  expect(Buffer.concat(answers).toString()).toBe('')
})
