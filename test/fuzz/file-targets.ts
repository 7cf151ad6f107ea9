/** Files that an operator gives, and what stands in them. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignableENR } from '@chainsafe/enr'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { enrPeer } from '../../src/genesis/enr.ts'
import { parseGenesisConfig } from '../../src/genesis/genesis-config.ts'
import { readIdentity } from '../../src/genesis/identity-file.ts'
import { canonicalPeerId } from '../../src/genesis/multiaddr-peer.ts'
import { parseNames } from '../../src/genesis/names-file.ts'
import { parseNodes } from '../../src/genesis/nodes-file.ts'
import { parsePeer } from '../../src/genesis/peers.ts'
import { parseValidatorNames } from '../../src/genesis/validator-config.ts'
import { NAME_PATTERN, type Names } from '../../src/mesh/names.ts'
import type { PeerTarget } from '../../src/mesh/peer-target.ts'
import { fixture } from '../support/settings.ts'
import { mutatedText } from './mutated.ts'
import { fuzzTarget } from './target.ts'

const read = (folder: string, name: string): string => readFileSync(fixture(folder, name), 'utf8')
const NODES = read('genesis', 'nodes.yaml')
const ENRS = NODES.match(/enr:\S+/g) ?? []
const NAMES = read('genesis', 'expected-names.json')
const VALIDATORS = read('genesis', 'validator-config.yaml')
const PEER_ID = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'

function assertPeer({ peerId, addresses }: PeerTarget): true {
  assert.equal(canonicalPeerId(peerId), peerId)
  assert.ok(addresses.length > 0)
  for (const address of addresses) multiaddr(address)
  return true
}

function assertNames(names: Names): true {
  for (const [peerId, name] of names) {
    assert.equal(canonicalPeerId(peerId), peerId)
    assert.match(name, NAME_PATTERN)
  }
  assert.equal(new Set(names.values()).size, names.size)
  return true
}

/** A record whose signature is right, whatever else is: only the owner of a key can make one, and anybody has a key. */
const signedEnr = fc
  .array(
    fc.tuple(
      fc.constantFrom('ip', 'ip6', 'quic', 'quic6', 'udp', 'tcp', 'id', '__proto__', 'constructor', 'é'),
      fc.uint8Array({ maxLength: 20 }),
    ),
    { maxLength: 5 },
  )
  .map((pairs) => {
    const enr = SignableENR.createV4(Buffer.from(KEY, 'hex'))
    try {
      for (const [key, value] of pairs) enr.set(key, value)
      return enr.encodeTxt()
    } catch {
      return ENRS[0] ?? ''
    }
  })
/** A throw-away key, that of the sample zeam_0. */
const KEY = '2374b72b74ae807d4d6ea1b5de047b09b07ef107c65a1371a0df55310cf5f4f0'

const enr = fuzzTarget({
  name: 'enr',
  inputs: fc.oneof(
    { weight: 1, arbitrary: signedEnr },
    { weight: 3, arbitrary: mutatedText(ENRS, ['enr:', '=', '-', '_']) },
  ),
  form: 'text',
  weight: 0.3,
  names: /ENR/,
  read: (text: string) => assertPeer(enrPeer(text)),
})

const MULTIADDRS = [
  `/ip4/192.0.2.1/udp/9001/quic-v1/p2p/${PEER_ID}`,
  `/dns4/client.example/tcp/9001/p2p/${PEER_ID}`,
  `/ip6/2001:db8::1/udp/1/quic-v1/p2p/${PEER_ID}`,
]

const peers = fuzzTarget({
  name: 'peers',
  inputs: mutatedText(
    [...MULTIADDRS, ...ENRS],
    ['/ip4/', '/dns/', '/p2p/', '/udp/0', '/unix/', '/p2p-circuit', '/http-path/'],
  ),
  form: 'text',
  weight: 1,
  names: /multiaddr|ENR|peer|port|address|\/quic-v1|\/p2p\//,
  read(text: string) {
    const peer = parsePeer(text)
    return peer !== undefined && assertPeer(peer)
  },
})

const nodes = fuzzTarget({
  name: 'nodes',
  inputs: mutatedText([NODES, `- ${ENRS[0]}\n`], ENRS),
  form: 'text',
  weight: 0.3,
  names: /^nodes\.yaml/,
  read: (text: string) => parseNodes(text, 'nodes.yaml').every(assertPeer),
})

const names = fuzzTarget({
  name: 'names',
  inputs: mutatedText([NAMES, read('names', 'names-good.yaml')], [PEER_ID, 'zeam_0', `"${PEER_ID}":"zeam_0",`]),
  form: 'text',
  weight: 1,
  names: /^names\.json/,
  read: (text: string) => assertNames(parseNames(text, 'names.json')),
})

const genesisConfig = fuzzTarget({
  name: 'genesis-config',
  inputs: mutatedText(['GENESIS_TIME: 1770407233\nATTESTATION_COMMITTEE_COUNT: 2\n', read('genesis', 'config.yaml')]),
  form: 'text',
  weight: 1,
  names: /^config\.yaml/,
  read(text: string) {
    const { attestationCommitteeCount, genesisTimeSeconds = 0 } = parseGenesisConfig(text, 'config.yaml')
    assert.ok(attestationCommitteeCount >= 1 && attestationCommitteeCount <= 64)
    assert.ok(Number.isSafeInteger(genesisTimeSeconds))
    return true
  },
})

/** Some hex of a key that stands in a text, beside which no error may be shown. */
const SECRETS = VALIDATORS.match(/[0-9a-f]{64}/g) ?? []

const validatorConfig = fuzzTarget({
  name: 'validator-config',
  inputs: mutatedText([VALIDATORS, `validators:\n  - { name: zeam_0, privkey: ${KEY} }\n`], ['privkey: ', 'name: ']),
  form: 'text',
  weight: 0.3,
  names: /^validator-config\.yaml/,
  read: (text: string) => withoutSecrets(() => assertNames(parseValidatorNames(text, 'validator-config.yaml'))),
})

function withoutSecrets<Value>(run: () => Value): Value {
  try {
    return run()
  } catch (error) {
    const { message } = error as Error
    for (const secret of [KEY, ...SECRETS]) {
      // Mistakes cut keys: half of one is too much as well.
      assert.ok(!message.includes(secret.slice(0, 32)) && !message.includes(secret.slice(32)), 'it shows a key')
    }
    throw error
  }
}

const KEY_FILE = join(tmpdir(), `leanmesh-fuzz-${process.pid}.key`)

const keyFile = fuzzTarget({
  name: 'key-file',
  inputs: mutatedText([KEY, `0x${KEY}\n`, '0'.repeat(64), 'f'.repeat(64)]),
  form: 'text',
  weight: 0.5,
  names: /leanmesh-fuzz/,
  async read(text: string) {
    writeFileSync(KEY_FILE, text, { mode: 0o600 })
    try {
      const { peerId, keyHex, warnings } = await readIdentity(KEY_FILE)
      assert.equal(canonicalPeerId(peerId), peerId)
      assert.match(keyHex, /^[0-9a-f]{64}$/)
      assert.deepEqual(warnings, [])
      return true
    } catch (error) {
      return withoutSecrets(() => {
        throw error
      })
    }
  },
})

export const FILE_TARGETS = [enr, peers, nodes, names, genesisConfig, validatorConfig, keyFile] as const
/** Left behind by the target of key files. */
export const LEFT_BEHIND = [KEY_FILE]
