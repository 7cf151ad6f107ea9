import { readFileSync } from 'node:fs'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test, vi } from 'vitest'
import type { MeshDocument } from '../../src/verdict/mesh-document.ts'
import { childPids } from '../support/child-processes.ts'
import { reachableSockets } from '../support/open-sockets.ts'
import { startCommand } from '../support/running-command.ts'
import { startPlainPeer } from '../support/plain-peer.ts'

const ANY_ADDRESS = ['0.0.0.0', '0'.repeat(32)]

async function swarmPort(url: string): Promise<number> {
  const document = (await (await fetch(new URL('v1/mesh', url))).json()) as MeshDocument
  const address = document.networks[0]?.listenAddresses?.[0] ?? ''
  return Number(/^\/ip4\/127\.0\.0\.1\/udp\/(\d+)\/quic-v1/.exec(address)?.[1])
}

/** Processes start slowly on a busy machine. */
const BUSY_MS = 60_000

/** The image's, and those that SECURITY.md names for `run`. */
const OPTIONS = '--disallow-code-generation-from-strings --disable-proto=delete'
const PERMISSIONS = '--permission --allow-fs-read=* --allow-child-process'

test(
  'a sidecar runs where no code is made of text, no file is written and no addon loaded',
  { timeout: BUSY_MS },
  async () => {
    await using command = await startCommand(['--devnet', '1'], { NODE_OPTIONS: `${OPTIONS} ${PERMISSIONS}` })
    const metrics = async () => await (await fetch(new URL('metrics', command.url))).text()
    await vi.waitFor(
      async () => expect(await metrics()).toContain('lean_gossip_mesh_running{network_id="0"} 1'),
      40_000,
    )
    const children = childPids(command.pid)
    expect(children).toHaveLength(2)
    for (const pid of children) {
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')).toContain(`NODE_OPTIONS=${OPTIONS}`)
    }
    expect(command.printed()).not.toMatch(/EvalError|Code generation|ERR_ACCESS_DENIED/)
  },
)

test(
  'a sidecar is reached at its HTTP address and its listen address; where it dials from it answers nobody',
  { timeout: BUSY_MS },
  async () => {
    await using peer = await startPlainPeer()
    const flags = ['--peers', `${peer.addresses[0]}/p2p/${peer.id}`, '--fork-digest', '12345678']
    await using command = await startCommand(flags, {})
    const metrics = async () => await (await fetch(new URL('metrics', command.url))).text()
    await vi.waitFor(
      async () => expect(await metrics()).toContain('leanmesh_connected_peers{network_id="0"} 1'),
      40_000,
    )

    expect(reachableSockets(command.pid)).toEqual([
      { protocol: 'tcp', host: '127.0.0.1', port: Number(new URL(command.url).port) },
    ])
    const [swarm, ...others] = childPids(command.pid)
    expect(others).toEqual([])
    const port = await swarmPort(command.url)
    const sockets = reachableSockets(swarm ?? 0)
    expect(sockets.filter((socket) => socket.port === port)).toEqual([{ protocol: 'udp', host: '127.0.0.1', port }])
    const dialers = sockets.filter((socket) => socket.port !== port)
    expect(dialers.map(({ protocol, host }) => [protocol, host])).toEqual(ANY_ADDRESS.map((host) => ['udp', host]))

    const dial = (port: number) => {
      const address = multiaddr(`/ip4/127.0.0.1/udp/${port}/quic-v1`)
      return peer.libp2p.dial(address, { force: true, signal: AbortSignal.timeout(3_000) })
    }
    await expect(dial(dialers[0]?.port ?? 0)).rejects.toThrow()
    expect((await dial(port)).status).toBe('open')
  },
)
