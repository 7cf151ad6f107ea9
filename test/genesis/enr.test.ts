import { readFileSync } from 'node:fs'
import { SignableENR } from '@chainsafe/enr'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LeanmeshError } from '../../src/errors.ts'
import { enrPeer } from '../../src/genesis/enr.ts'
import { parseNodes, readNodes } from '../../src/genesis/nodes-file.ts'
import { FileError } from '../../src/genesis/yaml-document.ts'
import { fixture } from '../support/settings.ts'

/** A throw-away key, that of the sample zeam_0. */
const KEY = Buffer.from('2374b72b74ae807d4d6ea1b5de047b09b07ef107c65a1371a0df55310cf5f4f0', 'hex')
const ZEAM_0 = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'

function sign(change: (enr: SignableENR) => void): string {
  const enr = SignableENR.createV4(KEY)
  change(enr)
  return enr.encodeTxt()
}

describe('the nodes of a genesis folder', () => {
  test('are peers with their QUIC addresses, under the peer ids that were computed apart from this code', async () => {
    const peers = await readNodes(fixture('genesis', 'nodes.yaml'))
    const expected = JSON.parse(readFileSync(fixture('genesis', 'expected-names.json'), 'utf8')) as object
    expect(peers.map(({ peerId }) => peerId)).toEqual(Object.keys(expected))
    expect(peers.flatMap(({ addresses }) => addresses)).toEqual(
      [9001, 9002, 9003, 9004].map((port) => `/ip4/127.0.0.1/udp/${port}/quic-v1`),
    )
  })

  test('may have IPv6, alone or beside IPv4', async () => {
    expect(await readNodes(fixture('peers', 'enr-ip6.yaml'))).toEqual([
      { peerId: ZEAM_0, addresses: ['/ip6/2001:db8::1/udp/9006/quic-v1'] },
      { peerId: ZEAM_0, addresses: ['/ip4/192.0.2.1/udp/9001/quic-v1', '/ip6/2001:db8::1/udp/9001/quic-v1'] },
    ])
  })

  test.each([
    [
      'enr-without-quic.yaml',
      /:1: the ENR of 16Uiu2HAmDrk\w+ has no "quic" port.+; ask for an ENR made with one, or give a multiaddr/,
    ],
    ['enr-without-address.yaml', /:1: the ENR of 16Uiu2HAmDrk\w+ has no "ip" address; ask for an ENR/],
    [
      'enr-bad-signature.yaml',
      /:1: the signature of the ENR "enr:-IW4QLsF.+…" does not fit its content; .+ copy it again/,
    ],
    ['enr-cut-off.yaml', /:1: "enr:-IW4.+" is not an ENR \(.+\); copy it again/],
    ['nodes-a-mapping.yaml', /nodes.yaml must be a list of ENRs, one "- enr:-…" a line/],
    ['nodes-empty.yaml', /nodes-empty.yaml: the file is empty/],
  ])('%s is refused with the line and what would be right', async (name, message) => {
    await expect(readNodes(fixture('peers', name))).rejects.toThrow(message)
  })

  test('that are wrong are all named', async () => {
    const error: unknown = await readNodes(fixture('peers', 'nodes-two-mistakes.yaml')).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as FileError).problems).toEqual([
      expect.stringMatching(/nodes-two-mistakes\.yaml:2: "enr:-abc" is not an ENR/),
      expect.stringMatching(/nodes-two-mistakes\.yaml:3: this entry is not an ENR/),
    ])
  })
})

describe('an ENR', () => {
  test.each([
    ['ERR_ENR_NO_QUIC', sign((enr) => void (enr.ip = '127.0.0.1'))],
    ['ERR_ENR_NO_QUIC', sign((enr) => Object.assign(enr, { ip: '127.0.0.1', quic: 0 }))],
    ['ERR_ENR_NO_ADDRESS', sign((enr) => void (enr.quic = 9001))],
    ['ERR_ENR_INVALID', sign((enr) => enr.set('quic', Uint8Array.of(1)))],
    ['ERR_ENR_INVALID', `enr:${'A'.repeat(10_000)}`],
    ['ERR_ENR_INVALID', 'enr:'],
  ])('%s is what %s is refused with', (code, text) => {
    expect(() => enrPeer(text)).toThrow(expect.objectContaining({ code }))
  })

  test('is accepted only with the signature of its own key, whichever character is changed', () => {
    const good = sign((enr) => Object.assign(enr, { ip: '127.0.0.1', quic: 9001 }))
    const change = fc.tuple(
      fc.integer({ min: 4, max: good.length - 2 }),
      fc.constantFrom('A', 'Q', 'Z', 'a', 'q', 'z', '0', '9', '-', '_'),
    )
    fc.assert(
      fc.property(change, ([at, character]) => {
        const changed = good.slice(0, at) + character + good.slice(at + 1)
        fc.pre(changed !== good)
        expect(() => enrPeer(changed)).toThrow(LeanmeshError)
      }),
    )
  })

  test('of any text fails with a LeanmeshError only, and so does any list of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => enrPeer(`enr:${text}`)).toThrow(LeanmeshError)
        try {
          parseNodes(text, 'nodes.yaml')
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      }),
    )
  })
})
