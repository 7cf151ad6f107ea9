import { compressSync } from 'snappy'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMeshRecorder, type MeshRecorder } from '../../src/swarm/mesh-recorder.ts'
import { AGGREGATION, BLOCK } from '../support/network-states.ts'
import { startPlainPeer } from '../support/plain-peer.ts'
import { meshIs, startTestSwarm } from '../support/test-swarm.ts'

describe('mesh recorder', () => {
  let gossip: EventTarget
  let connections: EventTarget
  let mesh: Map<string, string[]>
  let recorder: MeshRecorder
  const onChange = vi.fn<() => void>()

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    gossip = new EventTarget()
    connections = new EventTarget()
    mesh = new Map()
    onChange.mockReset()
    const view = { getMeshPeers: (topic: string) => mesh.get(topic) ?? [], getSubscribers: () => ['a', 'b', 'c'] }
    recorder = createMeshRecorder([BLOCK, AGGREGATION], { mesh: view, gossip, connections }, onChange)
    recorder.start()
  })
  afterEach(() => {
    recorder.stop()
    vi.useRealTimers()
  })

  const changes = () => onChange.mock.calls.length
  const emit = (target: EventTarget, type: string) => target.dispatchEvent(new Event(type))

  it('reads the meshes of its topics, and only those, as they are at that moment', () => {
    mesh.set(BLOCK, ['a', 'b']).set('/another/topic', ['z'])
    expect(recorder.read()).toEqual([
      { topic: BLOCK, mesh: ['a', 'b'], subscribers: 3 },
      { topic: AGGREGATION, mesh: [], subscribers: 3 },
    ])
    mesh.set(BLOCK, [])
    expect(recorder.read()[0]?.mesh).toEqual([])
  })

  it.each([
    ['gossip', 'gossipsub:graft'],
    ['gossip', 'gossipsub:prune'],
    ['gossip', 'subscription-change'],
    ['connections', 'peer:disconnect'],
    ['connections', 'connection:close'],
  ] as const)('tells once of a %s event %s, after its dispatch and within 50 ms', async (source, type) => {
    emit(source === 'gossip' ? gossip : connections, type)
    expect(changes()).toBe(0)
    await vi.advanceTimersByTimeAsync(50)
    expect(changes()).toBe(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(changes()).toBe(1)
  })

  it('tells of a burst once, and of a storm at most every 50 ms, its end included', async () => {
    for (let index = 0; index < 500; index++) emit(gossip, 'gossipsub:graft')
    await vi.advanceTimersByTimeAsync(1)
    expect(changes()).toBe(1)
    for (let ms = 0; ms < 1000; ms++) {
      emit(connections, 'connection:close')
      await vi.advanceTimersByTimeAsync(1)
    }
    expect(changes()).toBeGreaterThan(15)
    expect(changes()).toBeLessThanOrEqual(22)
    const before = changes()
    emit(gossip, 'gossipsub:prune')
    await vi.advanceTimersByTimeAsync(50)
    expect(changes()).toBe(before + 1)
  })

  it('tells nothing of messages and other events', async () => {
    for (const type of ['message', 'gossipsub:message', 'gossipsub:heartbeat']) emit(gossip, type)
    for (const type of ['peer:connect', 'connection:open', 'peer:identify']) emit(connections, type)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(changes()).toBe(0)
  })

  it('tells nothing after its stop, not even of what came before', async () => {
    emit(gossip, 'gossipsub:graft')
    recorder.stop()
    emit(gossip, 'gossipsub:graft')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(changes()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('10,000 messages through a swarm make it push nothing beyond its ticks', async () => {
  const MESSAGES = 10_000
  await using sender = await startPlainPeer({ transport: 'tcp' })
  await using swarm = await startTestSwarm({ peers: [{ peerId: sender.id, addresses: sender.addresses }] })
  await swarm.until('meshed', meshIs(sender.id))
  // The push of that last change is behind us with the next tick.
  let ticks = 0
  await swarm.until('a tick later', () => ++ticks > 2)

  const startedAt = performance.now()
  const before = swarm.pushes()
  const content = Buffer.alloc(64)
  for (let index = 0; index < MESSAGES; index++) {
    content.writeUInt32LE(index)
    await sender.publish(compressSync(content))
  }
  const accepted = () => swarm.counter('leanmesh_gossip_messages_total', { result: 'accepted' })
  await vi.waitFor(() => expect(accepted()).toBe(MESSAGES), { timeout: 15_000, interval: 20 })
  const ticksThatPassed = Math.ceil((performance.now() - startedAt) / 1000)
  expect(swarm.pushes() - before).toBeLessThanOrEqual(ticksThatPassed)
})
