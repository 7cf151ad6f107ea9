import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { fixture } from '../support/settings.ts'

const ZEAM_0 = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
const REAM_0 = '16Uiu2HAm9ViUVSkHosi4j11gezA3T4rhh5JSXgNTAYEbF9AT1217'
const PEER = `/ip4/192.0.2.1/udp/9001/quic-v1/p2p/${ZEAM_0}`
const NAMES = fixture('genesis', 'expected-names.json')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leanmesh-check-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A key file with a mode; those of the fixtures depend on how the checkout was made. */
async function keyFile(name: string, key: string, mode = 0o600): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, key)
  await chmod(path, mode)
  return path
}

describe('leanmesh check', () => {
  test('says what a run would start, and starts nothing', async () => {
    const identity = await keyFile('good.key', '5'.repeat(64))
    const args = ['check', '--genesis', fixture('genesis'), '--names', NAMES, '--companion', 'zeam_0']
    const url = 'http://127.0.0.1:8008/metrics'
    const more = ['--identity', identity, '--http-port', '0', '--companion-metrics', url]
    const { code, stdout, stderr } = await runCommandLine([...args, ...more])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('peers      4')
    expect(stdout).toContain(`companion  ${ZEAM_0}, its metrics at ${url}`)
    expect(stdout).toContain('topics     block, aggregation, attestation_0, attestation_1 (fork digest 12345678)')
    expect(stdout).toContain('genesis    2027-01-15T08:00:00.000Z')
    expect(stdout).toContain(`names        4 of ${NAMES}`)
    expect(stdout).not.toContain('5'.repeat(64))
  })

  test('says that nothing can be timed without a genesis time', async () => {
    const { stdout } = await runCommandLine(['check', '--peers', PEER])
    expect(stdout).toContain('genesis    no time known (genesis_time): arrivals are not measured')
  })

  test('warns of a key file that others can read', async () => {
    const identity = await keyFile('open.key', '6'.repeat(64), 0o644)
    const { code, stderr } = await runCommandLine(['check', '--peers', PEER, '--identity', identity])
    expect(code).toBe(0)
    expect(stderr).toBe(
      `warning: ${identity} holds a private key and has mode 0644, so others can read it; run: chmod 600 ${identity}\n`,
    )
  })

  test('warns of a fork digest in hex notation, and of an identity that is also a peer', async () => {
    const identity = await keyFile('zeam.key', '2374b72b74ae807d4d6ea1b5de047b09b07ef107c65a1371a0df55310cf5f4f0')
    const args = ['check', '--peers', PEER, '--identity', identity, '--fork-digest', '0x12345678']
    const { code, stderr } = await runCommandLine(args)
    expect(code).toBe(0)
    expect(stderr).toContain(`warning: the identity ${ZEAM_0} is also one of the peers`)
    expect(stderr).toContain('warning: fork_digest (--fork-digest) begins with 0x')
  })

  test('warns of networks with one identity or without peers, and names the place in the file', async () => {
    const identity = await keyFile('shared.key', '7'.repeat(64), 0o644)
    const config = join(folder, 'two.yaml')
    const network = (name: string) => `  - { name: ${name}, identity: ${identity}`
    await writeFile(config, `networks:\n${network('a')}, peers: [${PEER}] }\n${network('b')} }\n`)
    const { code, stderr } = await runCommandLine(['check', '--config', config])
    expect(code).toBe(0)
    const [mode, lone, shared, ...more] = stderr.trimEnd().split('\n')
    expect(mode).toContain('has mode 0644')
    expect(lone).toMatch(
      /^warning: network b has .+ set networks\[1\]\.peers, networks\[1\]\.genesis or networks\[1\]\.companion in the YAML/,
    )
    expect(shared).toMatch(/^warning: networks a and b have one identity, 16Uiu2\w+, and .+ make a key for each with/)
    expect(more).toEqual([])
  })

  test('takes peers from multiaddrs, ENRs and files together, one target each', async () => {
    const args = ['check', '--peers', `${PEER},${fixture('genesis', 'nodes.yaml')}`, '--peers', PEER]
    const { stdout } = await runCommandLine(args)
    expect(stdout).toContain('peers      4')
  })

  test('takes a switch without a value, and another flag after it', async () => {
    const { code, stderr, stdout } = await runCommandLine([
      'check',
      '--peers',
      PEER,
      '--lean-node-info',
      '--http-port',
      '9',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('http://127.0.0.1:9/metrics')
  })

  test('reads no validator-config.yaml', async () => {
    for (const name of ['nodes.yaml', 'config.yaml']) {
      await writeFile(join(folder, name), name === 'nodes.yaml' ? '[]' : 'ATTESTATION_COMMITTEE_COUNT: 3')
    }
    await writeFile(join(folder, 'validator-config.yaml'), ': not : yaml')
    const { code, stdout } = await runCommandLine(['check', '--genesis', folder])
    expect(code).toBe(0)
    expect(stdout).toContain('attestation_2 (')
  })
})

/** Arguments, and what the report says: the setting, where it was set, what is wrong, what would be right. */
const MISTAKES: [string, string[], RegExp][] = [
  [
    'a multiaddr without a peer id',
    ['--peers', '/ip4/192.0.2.1/udp/9001/quic-v1'],
    /peers \(--peers\): "\/ip4\/192.0.2.1\/udp\/9001\/quic-v1" names no peer\. Add \/p2p\/<peer id> to its end/,
  ],
  [
    'an ENR without QUIC',
    ['--peers', fixture('peers', 'enr-without-quic.yaml')],
    /peers \(--peers\): .+yaml:1: the ENR of 16Uiu2\w+ has no "quic" port, .+\. Ask for an ENR made with one, or give a multiaddr\./,
  ],
  [
    'an ENR with a bad signature',
    ['--peers', fixture('peers', 'enr-bad-signature.yaml')],
    /peers \(--peers\): .+yaml:1: the signature of the ENR .+ does not fit its content\. It was changed or cut, so copy it again/,
  ],
  [
    'a peer that is nothing at all',
    ['--peers', 'zeam_0'],
    /peers \(--peers\): cannot read zeam_0: there is no such file\. Use a multiaddr that ends in \/p2p\/<peer id>, an ENR/,
  ],
  [
    'an address that is no multiaddr',
    ['--peers', '127.0.0.1:9001'],
    /peers \(--peers\): "127\.0\.0\.1:9001" is neither a multiaddr nor an ENR, .+\. Write it as \/ip4\/192\.0\.2\.1\/udp/,
  ],
  [
    'a key that is too short',
    ['--identity', fixture('identity', 'identity-too-short.key')],
    /identity \(--identity\): .+: the key is too short, 32 hex digits\. A key is 64 hex digits, and `leanmesh identity --out FILE`/,
  ],
  [
    'a key that is not hex',
    ['--identity', fixture('identity', 'identity-not-hex.key')],
    /identity \(--identity\): .+: the key is not hex\. A key is 64 hex digits/,
  ],
  [
    'a name given twice',
    ['--names', fixture('names', 'names-duplicate-name.json')],
    /names \(--names\): .+json:3: "zeam_0" is the name of two peers, .+ and .+\. Give each a name of its own\./,
  ],
  [
    'a peer id with two names',
    ['--names', fixture('names', 'names-duplicate-peer-id.json')],
    /names \(--names\): .+json:4: 16Uiu\w+ has two names, "zeam_0" \(.+:2\) and "ream_1"\. Keep one of the two\./,
  ],
  [
    'a bad name',
    ['--names', fixture('names', 'names-bad-name.json')],
    /names \(--names\): .+json:2: "Zeam 0" is not a name\. Use <client>_<N> in lower case, for example zeam_0\./,
  ],
  [
    'a genesis folder without its files',
    ['--genesis', fixture('names')],
    /genesis \(--genesis\): cannot read .+nodes\.yaml: there is no such file\. Use the path of a folder with nodes\.yaml and config\.yaml/,
  ],
  [
    'a companion whose name nobody has',
    ['--companion', 'grandine_0', '--names', NAMES],
    /companion \(--companion\): no peer of the names table is called "grandine_0"\. Use one of its names: zeam_0, ream_0/,
  ],
  [
    'a companion with a name but no address',
    ['--companion', 'ream_0', '--names', NAMES],
    new RegExp(
      `companion \\(--companion\\): "ream_0" is ${REAM_0}, and no peer has this id\\. Add its multiaddr or ENR to peers`,
    ),
  ],
  [
    'a companion with a name but no names',
    ['--companion', 'ream_0'],
    /companion \(--companion\): there is no names table to find "ream_0" in\. Set names, or give the multiaddr or ENR/,
  ],
  [
    'a companion that is none of the three',
    ['--companion', 'my client'],
    /companion \(--companion\): it is neither a multiaddr nor an ENR nor a name\. Use \/ip4\//,
  ],
  [
    'a fork digest with a slash',
    ['--fork-digest', '/leanconsensus/12345678'],
    /fork_digest \(--fork-digest\): "\/leanconsensus\/12345678" has a character .+\. Use only the second part of a topic, without slashes/,
  ],
  [
    'an empty fork digest',
    ['--fork-digest', ''],
    /fork_digest \(--fork-digest\): "" is empty\. Use only the second part/,
  ],
  [
    'a subnet that is too large',
    ['--topics', 'attestation_99999999999'],
    /topics \(--topics\): "attestation_99999999999" is not the name of a lean topic\. Use .+ with a subnet from 0 to 9999/,
  ],
]

describe('bad input to leanmesh check', () => {
  test.each(MISTAKES)('%s is reported with where it was set and what would be right', async (_title, args, report) => {
    const { code, stdout, stderr } = await runCommandLine(['check', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(report)
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  test('is the companion’s own key as identity', async () => {
    const identity = await keyFile('own.key', '2374b72b74ae807d4d6ea1b5de047b09b07ef107c65a1371a0df55310cf5f4f0')
    const { code, stderr } = await runCommandLine(['check', '--companion', PEER, '--identity', identity])
    expect(code).toBe(2)
    expect(stderr).toContain(`identity (--identity): it holds the companion's own key (${ZEAM_0})`)
  })

  test('is more peers than a network keeps, however many settings they come from', async () => {
    const { generateKeyPair } = await import('@libp2p/crypto/keys')
    const { peerIdFromPrivateKey } = await import('@libp2p/peer-id')
    const address = async () =>
      `/ip4/192.0.2.1/udp/9001/quic-v1/p2p/${peerIdFromPrivateKey(await generateKeyPair('secp256k1')).toString()}`
    const addresses = await Promise.all(Array.from({ length: 201 }, address))
    const [extra = '', ...fit] = addresses
    expect(await runCommandLine(['check', '--peers', fit.join(',')])).toMatchObject({ code: 0 })
    const { code, stderr } = await runCommandLine(['check', '--peers', fit.join(','), '--companion', extra])
    expect(code).toBe(2)
    expect(stderr).toContain(
      'peers (--peers): peers, genesis and companion together are 201 peers, and the limit of a network is 200.',
    )
  })

  test('is reported all at once: settings, files and peers', async () => {
    const args = ['--http-port', 'x', '--peers', 'a,b', '--identity', '/there/is/none', '--names', '/there/is/none']
    const { code, stderr } = await runCommandLine(['check', ...args], { LEANMESH_TOPICS: 'blocks' })
    expect(code).toBe(2)
    expect(stderr.split('\n')[0]).toBe('leanmesh: 6 problems in the settings:')
  })

  test('of a run is the same report', async () => {
    const args = ['--peers', '/ip4/192.0.2.1/tcp/1', '--http-port', '99999']
    expect(await runCommandLine(['run', ...args])).toEqual(await runCommandLine(['check', ...args]))
  })
})
