import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { fixture } from '../support/settings.ts'

const PEER = '/ip4/192.0.2.1/udp/9001/quic-v1/p2p/16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'

describe('leanmesh check', () => {
  test('warns of a network without peers, and is content', async () => {
    const { code, stderr } = await runCommandLine(['check'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning: network 0 has no peers: .+ set --peers, --genesis or --companion\n$/)
  })

  test('warns of a subnet that the genesis folder does not have, and only of that', async () => {
    const args = [
      'check',
      '--genesis',
      fixture('genesis'),
      '--topics',
      'block,attestation_1,attestation_2,attestation_5',
    ]
    expect(await runCommandLine(args)).toMatchObject({
      code: 0,
      stderr:
        'warning: topics (--topics): the config.yaml has attestation_0 to attestation_1, so nobody will be in the mesh of attestation_2, attestation_5\n',
    })
    const withoutGenesis = ['check', '--peers', PEER, '--topics', 'attestation_5']
    expect(await runCommandLine(withoutGenesis)).toMatchObject({ code: 0, stderr: '' })
  })
})
