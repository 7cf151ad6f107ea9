import { describe, expect, test, vi } from 'vitest'
import { createProgress, progressText } from '../../src/cli/progress.ts'
import type { NetworkState } from '../../src/mesh/network-state.ts'
import type { TargetState } from '../../src/mesh/snapshot.ts'
import { networkState, snapshotOf } from '../support/network-states.ts'

function network(fields: Partial<NetworkState> = {}): NetworkState {
  return networkState({ phase: 'starting', topics: ['t'], ...fields })
}

function running(mesh: string[], targets: TargetState[]): NetworkState {
  const snapshot = snapshotOf({
    topics: [{ topic: 't', mesh, subscribers: mesh.length }],
    connectedPeers: targets.filter(({ phase }) => phase === 'connected').map(({ peerId }) => peerId),
    targets,
  })
  return network({ phase: 'running', snapshot })
}

describe('the progress line', () => {
  test('says why nothing is connected', () => {
    const state = running([], [{ peerId: 'a', phase: 'waiting', failures: 2, lastError: 'connection refused' }])
    expect(progressText([state], 4200)).toBe(
      'waiting for the mesh, 4 s: 0 of 1 configured peers connected, none in the mesh yet (connection refused)',
    )
  })

  test('says why the swarm does not run, and which network it is when there are several', () => {
    const failing = network({ networkId: 'b', phase: 'restarting', lastError: 'address in use' })
    expect(progressText([network(), failing], 0)).toBe(
      'waiting for the mesh, 0 s: 0: starting; b: restarting (address in use)',
    )
  })

  test('is one line, erased when there is a mesh, and then there is no timer', async () => {
    vi.useFakeTimers()
    const written: string[] = []
    let states = [network({ lastError: 'a\nb\u001B[31m', phase: 'restarting' })]
    const progress = createProgress({ isTTY: true, columns: 40, write: (text) => written.push(text) })
    progress.start(() => states)
    await vi.advanceTimersByTimeAsync(250)
    expect(written).toEqual([expect.stringMatching(/^\r\u001B\[2Kwaiting for the mesh, [^\n\u001B]*$/)])
    expect(written[0]?.length).toBeLessThanOrEqual(40 + progress.erase.length)
    states = [running(['a'], [{ peerId: 'a', phase: 'connected', failures: 0 }])]
    await vi.advanceTimersByTimeAsync(250)
    expect(written.slice(1).join('')).toMatch(/^\r\u001B\[2Kfirst mesh after 0\.\d s: 1 peer in the mesh\n$/)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('is not written where there is no terminal', () => {
    const written: string[] = []
    const progress = createProgress({ write: (text) => written.push(text) })
    progress.start(() => [network()])
    progress.stop()
    expect([progress.erase, written]).toEqual(['', []])
  })
})
