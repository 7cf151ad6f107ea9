import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NO_NAMES } from '../../src/mesh/names.ts'
import { CommandDropped } from '../../src/channel/command-window.ts'
import { RESTART_REASONS } from '../../src/mesh/network-state.ts'
import { Network } from '../../src/networks/network.ts'
import type { LaunchSwarm } from '../../src/networks/swarm-life.ts'
import { fakeSwarms, type FakeSwarms } from '../support/fake-swarms.ts'
import { BLOCK } from '../support/network-states.ts'
import { silentLog } from '../support/silent-log.ts'

const SETTINGS = { networkId: 'main', topics: [BLOCK], backOff: { initialMs: 1000, maxMs: 30_000 }, stableMs: 30_000 }
const DEPS = { names: () => NO_NAMES, now: () => performance.now(), log: silentLog }
const MESH = { topics: [{ topic: BLOCK, mesh: ['a', 'b'], subscribers: 2 }] }
const NEVER = new AbortController().signal

describe('network', () => {
  let swarms: FakeSwarms
  let network: Network

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], fakeNodeBuiltins: true })
    swarms = fakeSwarms()
    network = new Network(SETTINGS, { ...DEPS, launch: swarms.launch })
  })
  afterEach(async () => {
    await network.stop()
    vi.useRealTimers()
  })

  const settle = () => vi.advanceTimersByTimeAsync(0)
  const phase = () => network.state().phase

  async function crash(end: Parameters<FakeSwarms['lives'][number]['end']>[0] = {}): Promise<void> {
    swarms.life().end(end)
    await settle()
  }

  it('is stopped, then starting, running with the first snapshot, restarting after an end, and stopped again', async () => {
    expect(phase()).toBe('stopped')
    await network.start()
    await settle()
    expect(phase()).toBe('starting')
    swarms.life().push(MESH)
    expect(phase()).toBe('running')
    expect(network.state().snapshot?.topics).toEqual(MESH.topics)
    await crash()
    expect(phase()).toBe('restarting')
    await vi.advanceTimersByTimeAsync(1000)
    expect(phase(), 'until the new swarm says something').toBe('restarting')
    swarms.life().push()
    expect(phase()).toBe('running')
    await network.stop()
    expect(phase()).toBe('stopped')
  })

  it('has no mesh from the moment that its swarm ended', async () => {
    await network.start()
    swarms.life().push(MESH)
    await crash()
    expect(network.state().snapshot).toBeUndefined()
  })

  it('has no mesh from the moment that stop is called, and a late snapshot does not bring one back', async () => {
    await network.start()
    const life = swarms.life()
    life.push(MESH)
    const stopped = network.stop()
    expect(network.state()).toMatchObject({ phase: 'stopped' })
    expect(network.state().snapshot).toBeUndefined()
    life.push(MESH)
    expect(network.state().snapshot).toBeUndefined()
    await stopped
    life.push(MESH)
    expect(network.state()).toMatchObject({ phase: 'stopped' })
    expect(life.stopped).toBe(true)
  })

  it('ignores a late snapshot of a life before this one', async () => {
    await network.start()
    const old = swarms.life()
    old.push()
    await crash()
    old.push(MESH)
    expect(network.state()).toMatchObject({ phase: 'restarting' })
    await vi.advanceTimersByTimeAsync(1000)
    swarms.life().push({ topics: [] })
    old.push(MESH)
    expect(network.state().snapshot?.topics).toEqual([])
  })

  it('counts restarts by their reason, shows the last error, and forgets it once a swarm runs', async () => {
    await network.start()
    for (const reason of RESTART_REASONS) {
      await crash({ reason, message: `because of ${reason}` })
      expect(network.state().lastError).toBe(`because of ${reason}`)
      await vi.advanceTimersByTimeAsync(30_000)
    }
    expect(network.state().restarts).toEqual({ exit: 1, killed: 1, hung: 1, memory: 1, start_failed: 1 })
    swarms.life().push()
    expect(network.state()).not.toHaveProperty('lastError')
  })

  it('waits 1 s, then twice as long each time up to 30 s, and 1 s again after a run that was stable', async () => {
    await network.start()
    await settle()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      const { length } = swarms.lives
      await crash()
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1)
      expect(swarms.lives).toHaveLength(length)
      await vi.advanceTimersByTimeAsync(1)
      expect(swarms.lives).toHaveLength(length + 1)
    }
    swarms.life().push()
    await vi.advanceTimersByTimeAsync(SETTINGS.stableMs)
    await crash()
    await vi.advanceTimersByTimeAsync(1000)
    expect(swarms.lives).toHaveLength(1 + 7 + 1)
  })

  it('stops during a back-off at once, and launches nothing afterwards', async () => {
    await network.start()
    await crash()
    await network.stop()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(swarms.lives).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is stopped, not restarting, when its swarm ends at the moment of the stop', async () => {
    await network.start()
    swarms.life().push(MESH)
    swarms.life().end({ reason: 'killed' })
    await network.stop()
    expect(network.state()).toMatchObject({ phase: 'stopped', restarts: { killed: 0 } })
  })

  it('starts and stops twice as once, stops without a start, and starts again', async () => {
    await network.stop()
    await Promise.all([network.start(), network.start()])
    await settle()
    expect(swarms.lives).toHaveLength(1)
    await Promise.all([network.stop(), network.stop()])
    await network.start()
    await settle()
    expect(swarms.lives).toHaveLength(2)
    expect(phase()).toBe('starting')
  })

  it('does not run two swarms at once: a start waits for the stop before it, and the last word counts', async () => {
    await network.start()
    await settle()
    const stopping = Promise.withResolvers<void>()
    swarms.life().stop = () => stopping.promise
    const calls = [network.stop(), network.start(), network.stop(), network.start(), network.stop()]
    await settle()
    expect(swarms.lives).toHaveLength(1)
    stopping.resolve()
    await Promise.all(calls)
    await settle()
    expect(phase()).toBe('stopped')
    expect(swarms.lives).toHaveLength(1)
  })

  it('refreshes by asking its swarm, and rejects with the signal when it does not answer in time', async () => {
    await network.start()
    swarms.life().push()
    swarms.life().onAsked = async () => {
      swarms.life().push(MESH)
      return network.state().snapshot ?? expect.fail('no snapshot')
    }
    await network.refresh(NEVER)
    expect(network.state().snapshot?.topics).toEqual(MESH.topics)
    swarms.life().onAsked = () => Promise.reject(new Error('deadline'))
    await expect(network.refresh(NEVER)).rejects.toThrow('deadline')
    expect(network.state().snapshot?.topics, 'the last one stays').toEqual(MESH.topics)
  })

  it('counts each command that its swarm could not be sent', async () => {
    await network.start()
    const drop = (reason: 'full' | 'uninitialized') => () => Promise.reject(new CommandDropped(reason))
    swarms.life().onAsked = drop('uninitialized')
    await network.refresh(NEVER)
    swarms.life().push()
    swarms.life().onAsked = drop('full')
    await expect(network.refresh(NEVER)).rejects.toThrow('has not answered')
    await crash()
    await network.refresh(NEVER)
    await network.refresh(NEVER)
    expect(network.state().droppedCommands).toEqual({ full: 1, closed: 2, uninitialized: 1 })
  })

  it('tells the swarm the names at its launch, and again when they have changed', async () => {
    let names = new Map([['a', 'zeam_0']])
    network = new Network(SETTINGS, { ...DEPS, launch: swarms.launch, names: () => names })
    await network.start()
    await settle()
    swarms.life().push()
    await network.refresh(NEVER)
    expect(swarms.life().names).toEqual([names])
    names = new Map([['a', 'zeam_1']])
    await network.refresh(NEVER)
    await network.refresh(NEVER)
    expect(swarms.life().names).toEqual([new Map([['a', 'zeam_0']]), names])
  })

  it('counts a launch that throws as a failed start, and tries again after the back-off', async () => {
    const launch = vi.fn<LaunchSwarm>(() => {
      throw new Error('spawn EAGAIN')
    })
    network = new Network(SETTINGS, { ...DEPS, launch })
    await network.start()
    await settle()
    const failed = { phase: 'restarting', lastError: 'spawn EAGAIN', restarts: { start_failed: 1 } }
    expect(network.state()).toMatchObject(failed)
    await vi.advanceTimersByTimeAsync(999)
    expect(launch).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2001)
    expect(launch).toHaveBeenCalledTimes(3)
  })

  it('counts the warnings of its swarms, those that were suppressed included', async () => {
    await network.start()
    swarms.life().listener.onWarning('a stray rejection', 0)
    swarms.life().listener.onWarning('another', 41)
    await crash()
    expect(network.state().warnings).toBe(43)
  })

  it('adds up the CPU time of its swarms, however short they lived', async () => {
    const told = (cpuSeconds: number) =>
      swarms.life().push({ usage: { cpuSeconds, residentBytes: 0, eventLoopLagSeconds: 0 } })
    await network.start()
    for (const seconds of [2, 5, 1]) {
      for (const soFar of [seconds / 2, seconds]) told(soFar)
      await crash()
      await vi.advanceTimersByTimeAsync(30_000)
    }
    expect(network.state().cpuSeconds).toBe(8)
    told(4)
    expect(network.state().cpuSeconds).toBe(12)
    await network.stop()
    expect(network.state().cpuSeconds).toBe(12)
  })

  it('asks nobody while it is stopped', async () => {
    await network.refresh(NEVER)
    expect(network.state().droppedCommands).toEqual({ full: 0, closed: 0, uninitialized: 0 })
  })
})
