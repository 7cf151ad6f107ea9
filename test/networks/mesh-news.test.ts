import { describe, expect, it } from 'vitest'
import type { Snapshot, TargetState } from '../../src/mesh/snapshot.ts'
import { createMeshNews } from '../../src/networks/mesh-news.ts'
import { snapshotOf } from '../support/network-states.ts'
import { recordingLog } from '../support/recording-log.ts'

function snapshot(takenAtMs: number, mesh: string[], targets: TargetState[] = []): Snapshot {
  return snapshotOf({
    takenAtMs,
    topics: [{ topic: 't', mesh, subscribers: 2 }],
    connectedPeers: ['x'],
    targets,
  })
}

describe('the news of a swarm', () => {
  it('say when the mesh gets its first peer and loses its last, once each', () => {
    const { lines, log } = recordingLog()
    const tell = createMeshNews('0', log)
    for (const mesh of [[], ['a'], ['a', 'b'], ['b'], [], []]) tell(snapshot(0, mesh))
    expect(lines).toEqual([
      'info the mesh has peers {"network":"0","peers":1}',
      'warn the mesh is empty: its last peer has left {"network":"0"}',
    ])
  })

  it('warn once of a mesh that stays empty for 30 s, with what tells the causes apart, and again after it had peers', () => {
    const { lines, log } = recordingLog()
    const tell = createMeshNews('0', log)
    const target: TargetState = { peerId: 'p', phase: 'dialing', failures: 0 }
    for (const second of [0, 29, 30, 31, 90]) tell(snapshot(second * 1000, [], [target]))
    const warning =
      'warn no peer has been in the mesh for 30 s {"network":"0","configured":1,"connected":1,"subscribers":2}'
    expect(lines).toEqual([warning])
    for (const [second, mesh] of [
      [100, ['a']],
      [101, []],
      [131, []],
    ] as const) {
      tell(snapshot(second * 1000, [...mesh], [target]))
    }
    expect(lines.filter((line) => line === warning)).toHaveLength(2)
  })

  it('warn once when peers are on another fork, with which, and say when none is any more', () => {
    const { lines, log } = recordingLog()
    const tell = createMeshNews('0', log)
    const foreignForks = { peers: 2, digests: [{ forkDigest: 'devnet0', peers: 2 }] }
    tell({ ...snapshot(0, ['a']), foreignForks })
    tell({ ...snapshot(1000, ['a']), foreignForks })
    tell(snapshot(2000, ['a']))
    expect(lines.slice(1)).toEqual([
      'warn peers are on other fork digests than this network (fork_digest) {"network":"0","peers":2,"others":["devnet0"]}',
      'info no peer is on another fork digest any more {"network":"0"}',
    ])
  })

  it('say which configured peer came, went, and cannot be reached, and why', () => {
    const { lines, log } = recordingLog()
    const tell = createMeshNews('0', log)
    const states: TargetState[] = [
      { peerId: 'p', phase: 'dialing', failures: 0 },
      { peerId: 'p', phase: 'waiting', failures: 1, lastError: 'refused' },
      { peerId: 'p', phase: 'waiting', failures: 3, lastError: 'refused' },
      { peerId: 'p', phase: 'waiting', failures: 4, lastError: 'refused' },
      { peerId: 'p', phase: 'connected', failures: 0 },
      { peerId: 'p', phase: 'waiting', failures: 0 },
    ]
    for (const state of states) tell(snapshot(0, [], [state]))
    const fields = (failures: number) => `{"network":"0","peerId":"p","failures":${failures},"error":"refused"}`
    expect(lines).toEqual([
      `debug a configured peer could not be reached ${fields(1)}`,
      `warn a configured peer cannot be reached; it is dialled on ${fields(3)}`,
      `debug a configured peer could not be reached ${fields(4)}`,
      'info connected to a configured peer {"network":"0","peerId":"p"}',
      'info lost the connection to a configured peer {"network":"0","peerId":"p"}',
    ])
  })
})
