import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { type PlainPeer, type PlainPeerOptions } from '../support/plain-peer.ts'
import { fixture } from '../support/settings.ts'
import { statusBody } from '../support/status-body.ts'
import { answering, startStatusPeer } from '../support/status-peer.ts'
import { runInTerminal } from '../support/terminal.ts'

const ROOT = join(import.meta.dirname, '../..')
const golden = (name: string) => join(ROOT, 'test/golden/probe', name)
const ID = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
const DEAD = `/ip4/127.0.0.1/tcp/1/p2p/${ID}`
const DEVNET0 = '/leanconsensus/devnet0/block/ssz_snappy'

const addressOf = ({ id, addresses }: PlainPeer) => `${addresses[0]}/p2p/${id}`

/** What differs from run to run, as it may be in a document. */
function settled(output: string, { id }: PlainPeer): string {
  return output
    .replaceAll(id, ID)
    .replaceAll(/udp\/\d+/g, 'udp/9001')
    .replaceAll(/in \d+ ms/g, 'in 12 ms')
}

const startClient = (options: PlainPeerOptions = {}) =>
  startStatusPeer(
    answering(() => statusBody()),
    { agent: 'zeam/0.3.0', ...options },
  )

describe.concurrent('leanmesh probe', () => {
  test('says how far it gets with a peer that takes us in', async ({ expect }) => {
    await using peer = await startClient()
    const { code, stdout, stderr } = await runCommandLine(['probe', addressOf(peer)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await expect(settled(stdout, peer)).toMatchFileSnapshot(golden('meshed.txt'))
  })

  test('says which fork digest a peer is on, in text and as JSON', async ({ expect }) => {
    await using peer = await startClient({ topics: [DEVNET0] })
    const { code, stdout } = await runCommandLine([
      'probe',
      addressOf(peer),
      '--fork-digest',
      'beef',
      '--topics',
      'block',
    ])
    expect(code).toBe(1)
    await expect(settled(stdout, peer)).toMatchFileSnapshot(golden('other-fork.txt'))
    const json = await runCommandLine(['probe', addressOf(peer), '--json'])
    expect(json.code).toBe(1)
    const { outcome, steps } = JSON.parse(json.stdout)
    const facts = { subscribed: [], otherTopics: [], otherForkDigests: ['devnet0'] }
    expect(outcome).toBe('other_fork')
    expect(steps).toContainEqual(expect.objectContaining({ step: 'topics', ok: false, facts }))
  })

  test('takes the topics and the genesis time from a genesis folder, and settings from the environment', async () => {
    await using peer = await startClient({ topics: [DEVNET0] })
    const env = { LEANMESH_FORK_DIGEST: 'devnet0', LEANMESH_PEERS: 'none of its business' }
    const { code, stdout } = await runCommandLine(['probe', addressOf(peer), '--genesis', fixture('genesis')], env)
    expect(code, stdout).toBe(0)
    expect(stdout).toMatch(/it subscribes to block: 1 of our \d+\n/)
  })

  test('ends with 3 when nobody is there', async () => {
    const { code, stdout } = await runCommandLine(['probe', DEAD])
    expect(code).toBe(3)
    expect(stdout).toContain('\nresult     unreachable: Nobody answers at this address')
  })

  test.each([
    [['foo'], /"foo" is neither a multiaddr nor an ENR; write it as \/ip4\//],
    [['/ip4/127.0.0.1/udp/1/quic-v1'], /names no peer; add \/p2p\/<peer id>/],
    [['enr:-abc'], /is not an ENR/],
    [[DEAD, '--fork-digest', 'a/b'], /fork_digest \(--fork-digest\): "a\/b" has a character/],
    [[DEAD, '--topics', 'blocks'], /topics \(--topics\): "blocks" is not the name of a lean topic/],
    [[DEAD, '--genesis', '/there/is/none'], /genesis \(--genesis\): .*there is no such file/],
    [[DEAD, '--timeout', '0'], /It is a number of seconds, more than 0/],
    [[], /missing required argument 'PEER'/],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, stdout, stderr } = await runCommandLine(['probe', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('says in its help what the exit codes are', async () => {
    const { code, stdout } = await runCommandLine(['probe', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('\nExit codes:\n  0  the peer took us into its mesh\n')
    for (const flag of ['--fork-digest', '--topics', '--genesis', '--genesis-time', '--json', '--timeout'])
      expect(stdout).toContain(`${flag} <`.replace('--json <', '--json'))
    expect(stdout).not.toContain('--listen')
  })

  test('fits into a real terminal of 80 columns, obeys nothing that a peer calls itself, and ends by itself', async () => {
    const agent = '\u001b[2J\u202egnp\u009b1m\r\n\u2028\u0007'
    await using peer = await startClient({ agent, topics: [DEVNET0] })
    const { code, output } = await runInTerminal(['probe', addressOf(peer)])
    expect(code, output).toBe(1)
    const text = output.replaceAll('\r\n', '\n')
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(text).toContain('\nidentify   ok agent "')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('prints what a peer calls itself as JSON that is safe to show', async () => {
    await using peer = await startClient({ agent: '\u009b1m\u202e\u2028x', topics: [DEVNET0] })
    const { stdout } = await runCommandLine(['probe', addressOf(peer), '--json'])
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'other_fork' })
  })
})

test.each(['meshed.txt', 'other-fork.txt'])('docs/probe.md shows what the command prints, %s', async (name) => {
  expect(await readFile(join(ROOT, 'docs/probe.md'), 'utf8')).toContain(await readFile(golden(name), 'utf8'))
})
