import { describe, expect, test } from 'vitest'
import { load, problemTexts } from '../support/settings.ts'

/** What a fixture's report is, line by line. */
const REPORTS: Record<string, string[]> = {
  'empty.yaml': [
    'config (empty.yaml): the file is empty. Write at least one setting, for example "http: { port: 9464 }", or leave the file out.',
  ],
  'only-a-comment.yaml': [
    'config (only-a-comment.yaml): the file is empty. Write at least one setting, for example "http: { port: 9464 }", or leave the file out.',
  ],
  'a-list-instead-of-a-mapping.yaml': [
    'config (a-list-instead-of-a-mapping.yaml): the file is not a mapping of settings. Write at least one setting, for example "http: { port: 9464 }", or leave the file out.',
  ],
  'unknown-key.yaml': [
    'http.prot (unknown-key.yaml:2 http.prot): no setting has this key. Remove it or correct it. Did you mean http.port?',
    'snapshot_deadline (unknown-key.yaml:3 snapshot_deadline): no setting has this key. Remove it or correct it. Did you mean snapshot_deadline_ms?',
    'xyzzy (unknown-key.yaml:4 xyzzy): no setting has this key. Remove it or correct it.',
  ],
  'network-key-at-the-top.yaml': [
    'listen (network-key-at-the-top.yaml:1 listen): it belongs to a network. Put it into an item of networks: "networks: [{ listen: … }]".',
  ],
  'sidecar-key-in-a-network.yaml': [
    'networks[0].http (sidecar-key-in-a-network.yaml:3 networks[0].http): it belongs to the sidecar as a whole. Put it at the top of the file.',
  ],
  'duplicate-key.yaml': [
    'http (duplicate-key.yaml:4 http): it was already set at duplicate-key.yaml:1 http. Remove one of the two.',
  ],
  'five-mistakes.yaml': [
    'http.port (five-mistakes.yaml:2 http.port): "99999" is more than 65535. Use a port from 0 to 65535, for example 9464.',
    'log.level (five-mistakes.yaml:4 log.level): "loud" is not one of the choices. Use debug, info, warn, error, silent.',
    'name (five-mistakes.yaml:6 networks[0].name): "a/b" has a character that is not a letter, a digit, "_", "." or "-", or is not 1 to 64 long. Use 1 to 64 letters, digits, "_", "." or "-", for example devnet-4.',
    'listen (five-mistakes.yaml:7 networks[0].listen[0]): "/ip4/0.0.0.0/udp/9000" has /udp/ without /quic-v1 at its end. Use /ip4/<address>/udp/<port>/quic-v1 or /ip4/<address>/tcp/<port>, also with ip6, for example /ip4/0.0.0.0/udp/9010/quic-v1.',
    'fork_digest (five-mistakes.yaml:8 networks[0].fork_digest): "/leanconsensus/12345678" has a character that is not a letter, a digit, "_", "." or "-", or is not 1 to 64 long. Use only the second part of a topic, without slashes: of /leanconsensus/12345678/block/ssz_snappy it is 12345678.',
  ],
  'four-networks.yaml': [
    'networks (four-networks.yaml:2 networks): it lists 4 networks, and the limit is 3. Keep at most 3, and run another sidecar for the others.',
  ],
  'no-networks.yaml': [
    'networks (no-networks.yaml:1 networks): it is not a list of networks. List 1 to 3 networks, or leave it out.',
  ],
  'two-networks-one-name.yaml': [
    'name (two-networks-one-name.yaml:3 networks[1].name): network 1 has the name "devnet" of network 0 (two-networks-one-name.yaml:2 networks[0].name). Give each network a name of its own.',
  ],
  'two-networks-one-listen-address.yaml': [
    'listen (two-networks-one-listen-address.yaml:5 networks[1].listen[0]): /ip4/127.0.0.1/udp/9010/quic-v1 is taken by /ip4/0.0.0.0/udp/9010/quic-v1 (two-networks-one-listen-address.yaml:3 networks[0].listen[0]). Use another port for one of the two, or port 0 for any free one.',
  ],
  'listen-on-the-http-port.yaml': [
    'listen (listen-on-the-http-port.yaml:2 networks[0].listen[0]): /ip4/127.0.0.1/tcp/9464 is taken by HTTP on port 9464 (default). Use another port for one of the two, or port 0 for any free one.',
  ],
  'fork-digest-with-a-slash.yaml': [
    'fork_digest (fork-digest-with-a-slash.yaml:2 networks[0].fork_digest): "1234/5678" has a character that is not a letter, a digit, "_", "." or "-", or is not 1 to 64 long. Use only the second part of a topic, without slashes: of /leanconsensus/12345678/block/ssz_snappy it is 12345678.',
  ],
  'keep-alive-not-below-idle-timeout.yaml': [
    'quic.keep_alive_interval_ms (keep-alive-not-below-idle-timeout.yaml:4 networks[0].quic.keep_alive_interval_ms): 2000 is not less than quic.max_idle_timeout_ms, 2000 (keep-alive-not-below-idle-timeout.yaml:3 networks[0].quic.max_idle_timeout_ms). Use less than half of the idle timeout, for example 1500 with 4000.',
  ],
  'key-without-a-value.yaml': [
    'http.port (key-without-a-value.yaml:2 http.port): it has no value. Use a port from 0 to 65535, for example 9464.',
  ],
  'value-instead-of-a-mapping.yaml': [
    'http (value-instead-of-a-mapping.yaml:1 http): it is not a mapping. Give it keys of its own: host, port, max_connections.',
  ],
  'names-another-config.yaml': [
    'config (names-another-config.yaml:1 config): a settings file cannot name another one. Remove it; use one file.',
  ],
}

describe('a mistake in the YAML file is reported with its line and with what would be right', () => {
  test.each(Object.entries(REPORTS))('%s', async (config, expected) => {
    const loaded = await load({ config })
    expect(problemTexts(loaded)).toEqual(expected)
  })

  test.each(['malformed.yaml', 'tab-indentation.yaml'])('%s: the line of the syntax error is named', async (config) => {
    const [first] = problemTexts(await load({ config }))
    expect(first).toMatch(
      new RegExp(`^config \\(${config}:[23]\\): the file is not well-formed YAML: .+ needs quotes\\.$`),
    )
  })

  test.each([
    ['there-is-no-such-file.yaml', 'there is no such file'],
    ['../config', 'it is a folder, not a file'],
  ])('%s: an unreadable file is named with the reason', async (config, reason) => {
    const [problem] = (await load({ config })).problems
    expect(problem).toMatchObject({ setting: 'config', where: '--config', right: expect.stringContaining('YAML file') })
    expect(problem?.wrong).toContain(reason)
  })

  test('keys of the prototype are unknown keys, and nothing is polluted', async () => {
    const { problems } = await load({ config: 'prototype-keys.yaml' })
    expect(problems.map(({ setting }) => setting)).toEqual(['__proto__', 'constructor', 'http.__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('an alias without its anchor, or one that holds itself, is a mistake and not a crash', async () => {
    for (const yaml of [
      'http: *x',
      'networks: &n [*n]',
      'networks: &n\n  - quic: *n',
      'resource: { attributes: [*y] }',
    ]) {
      expect((await load({ yaml })).problems).not.toEqual([])
    }
  })

  test('a file that is nested too deeply is told so, not of the parser that ran out of stack', async () => {
    const [problem] = (await load({ yaml: `http: ${'['.repeat(20_000)}${']'.repeat(20_000)}` })).problems
    expect(problem?.wrong).toBe('the file is not well-formed YAML: it is nested too deeply')
  })

  test('control characters of a file do not reach the terminal', async () => {
    const [problem] = problemTexts(await load({ yaml: '"http\\u001b[2Jprot\\n": 1' }))
    expect(problem).not.toMatch(/\p{Cc}/u)
  })
})
