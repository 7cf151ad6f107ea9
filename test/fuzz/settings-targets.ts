/** Settings from their three sources, and the document of another sidecar. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parseMeshDocument } from '../../src/cli/parse-mesh-document.ts'
import { problemText } from '../../src/config/problem.ts'
import { envOf, otelEnvOf } from '../../src/config/setting.ts'
import { settingKeys, settingOf } from '../../src/config/settings-table.ts'
import { parseWebConfig } from '../../src/web-config/web-config.ts'
import { load, type TestSources } from '../support/settings.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { fuzzTarget, judgeSentence } from './target.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/config')
const WRONG_FILES = globSync('*.yaml', { cwd: FIXTURES }).map((name) => readFileSync(join(FIXTURES, name), 'utf8'))
const RIGHT_FILES = ['one-network.yaml', 'two-networks.yaml'].map((name) => readFileSync(join(FIXTURES, name), 'utf8'))
const KEYS = settingKeys().map((key) => `${key}: `)

async function isRight(sources: TestSources): Promise<boolean> {
  const { settings, problems } = await load(sources)
  for (const problem of problems) judgeSentence(problemText(problem), /\S+.*: .+\. .+/)
  assertUnpolluted()
  assert.ok(settings.networks.length >= 1 && settings.networks.length <= 3)
  return problems.length === 0
}

function assertUnpolluted(): void {
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
}

const configFile = fuzzTarget({
  name: 'config-file',
  inputs: fc.oneof(
    mutatedText(RIGHT_FILES, [...KEYS, 'networks: ', '__proto__: { polluted: true }\n']),
    mutatedText(WRONG_FILES, KEYS),
  ),
  form: 'text',
  weight: 1,
  names: /./,
  read: (yaml: string) => isRight({ yaml }),
})

const VARIABLES = settingKeys().flatMap((key) => [envOf(key, settingOf(key)), ...otelEnvOf(settingOf(key))])
const EXAMPLES = settingKeys().map((key) => settingOf(key).example)

const environment = fuzzTarget({
  name: 'environment',
  inputs: fc.dictionary(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...VARIABLES) },
      fc.constantFrom('LEANMESH_', '__proto__', 'LEANMESH_é'),
    ),
    fc.oneof(fc.constantFrom(...EXAMPLES), mutatedText(EXAMPLES, ['%', '%C3%28', '=', ',,', 'a=b', '__proto__=1'])),
    { maxKeys: 6 },
  ),
  form: 'json',
  weight: 3,
  names: /./,
  read: (env: Record<string, string>) => isRight({ env }),
})

const network = {
  networkId: '0',
  phase: 'running',
  meshPeers: 1,
  connectedPeers: [{ peerId: 'a', name: null }],
  topics: [{ topic: 't', subscribers: 1, mesh: [] }],
  targets: [],
  restarts: {},
  droppedCommands: { full: 1 },
}
const DOCUMENT = { version: '0', generatedAt: '', clientLabels: true, networks: [network] }

const meshDocument = fuzzTarget({
  name: 'mesh-document',
  inputs: fc.oneof(
    mutatedJson([DOCUMENT]).map((value) => JSON.stringify(value)),
    mutatedText([JSON.stringify(DOCUMENT)]),
  ),
  form: 'text',
  weight: 6,
  names: /./,
  read(text: string) {
    const document = parseMeshDocument(text)
    assertUnpolluted()
    if (typeof document === 'string') judgeSentence(document, /^is not JSON|\(.+: .+\)$/s)
    else for (const { targets } of document.networks) assert.ok(Array.isArray(targets))
    return typeof document !== 'string'
  },
})

const HASH = 'ofpP10ETTUOwTrHJzLH/DeZeSJC9j3UuZRSxqN/FdEQRZSOXaw78e'
const WEB_CONFIG = `tls_server_config:
  cert_file: tls.crt
  key_file: tls.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  min_version: TLS13
http_server_config:
  headers: { Strict-Transport-Security: max-age=31536000 }
basic_auth_users:
  prometheus: $2y$10$${HASH}
rate_limit: { interval: 1s, burst: 5 }
`

const webConfig = fuzzTarget({
  name: 'web-config',
  inputs: mutatedText([WEB_CONFIG], ['__proto__: ', 'users: ', 'TLS99', '1e9s', 'client_allowed_sans: [a]\n']),
  form: 'text',
  weight: 2,
  names: /^web\.yaml/,
  read(text: string) {
    try {
      const { users } = parseWebConfig(text, 'web.yaml')
      assertUnpolluted()
      assert.ok(users.size <= 100)
      return true
    } catch (error) {
      const { message } = error as Error
      assert.ok(!message.includes(HASH.slice(0, 26)) && !message.includes(HASH.slice(27)), 'it shows a hash')
      throw error
    }
  },
})

export const SETTINGS_TARGETS = [configFile, webConfig, environment, meshDocument] as const
