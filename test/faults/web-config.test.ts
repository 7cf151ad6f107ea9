/**
 * The web config, replaced as an operator does it. Certificates and users are proven with a real Prometheus in
 * `test/real/web-config.test.ts`: this witness speaks plain HTTP.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { NOTICED_MS, replaceText, untilRefresher } from './support/changed-file.ts'
import { fault } from './support/fault.ts'
import { until } from './support/sidecar-process.ts'
import type { Stand } from './support/stand.ts'

const folder = mkdtempSync(join(tmpdir(), 'leanmesh-web-'))
const file = join(folder, 'web.yaml')
const FIRST = 'http_server_config:\n  headers: { X-Frame-Options: SAMEORIGIN }\n'
const OTHER = FIRST.replace('SAMEORIGIN', 'deny')
writeFileSync(file, FIRST)
afterAll(() => rmSync(folder, { recursive: true }))

/** The one header that tells which version counts. */
async function untilHeader(stand: Stand, value: string): Promise<void> {
  const look = async () => {
    const { headers } = await fetch(new URL('healthz', stand.sidecar.url), { headers: { connection: 'close' } })
    return headers.get('x-frame-options') === value ? true : undefined
  }
  await until(`X-Frame-Options: ${value}`, look, NOTICED_MS)
}

const options = { rightWithinMs: 3000, stand: { args: ['--web-config', file] } }

describe('the web config', () => {
  fault({
    ...options,
    name: 'web config replaced atomically',
    expectation: 'the next request is answered by the new one',
    async inflict(stand) {
      await untilHeader(stand, 'SAMEORIGIN')
      await replaceText(file, OTHER)
      await untilHeader(stand, 'deny')
      await replaceText(file, FIRST)
    },
  })

  fault({
    ...options,
    name: 'web config half-written, and deleted',
    expectation: 'the old one counts, the refresher and the log say so; the whole file is taken when it is there',
    async inflict(stand) {
      await writeFile(file, OTHER.slice(0, OTHER.length / 2))
      await untilRefresher(stand, 'web_config', 0)
      await untilHeader(stand, 'SAMEORIGIN')
      await stand.sidecar.untilLogged('web.yaml')
      await rm(file)
      await untilRefresher(stand, 'web_config', 0)
      await untilHeader(stand, 'SAMEORIGIN')
      await writeFile(file, OTHER)
      await untilRefresher(stand, 'web_config', 1)
      await untilHeader(stand, 'deny')
      await replaceText(file, FIRST)
    },
  })
})
