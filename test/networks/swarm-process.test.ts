import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { seriesKey, type Total } from '../../src/mesh/totals.ts'
import { COMMAND_CAPACITY } from '../../src/networks/swarm-process.ts'
import { type ChildNetwork, createChildNetwork } from '../support/child-network.ts'
import { childPids, isRunning } from '../support/child-processes.ts'
import { BLOCK } from '../support/network-states.ts'

const running = ({ phase }: { phase: string }) => phase === 'running'

/** Asks for a snapshot; whether it came does not matter here. */
const ask = (network: ChildNetwork['network'], ms = 250) =>
  network.refresh(AbortSignal.timeout(ms)).catch((error: unknown) => error)

describe('a swarm in a child process', () => {
  let child: ChildNetwork | undefined
  afterEach(async () => {
    await child?.network.stop()
    expect(childPids()).toEqual([])
  })

  it('runs, answers with a snapshot taken after the question, and ends with its network', async () => {
    child = createChildNetwork()
    const { network } = child
    await network.start()
    await ask(network)
    expect(network.state().droppedCommands, 'not yet ready').toEqual({ full: 0, closed: 0, uninitialized: 1 })
    await child.until('runs', running)
    const askedAt = Number(process.hrtime.bigint()) / 1e6
    await network.refresh(AbortSignal.timeout(2000))
    const { snapshot } = network.state()
    expect(snapshot?.takenAtMs).toBeGreaterThanOrEqual(askedAt)
    expect(snapshot?.topics).toEqual([{ topic: BLOCK, mesh: [], subscribers: 0 }])
    expect(snapshot?.usage.residentBytes).toBeGreaterThan(1e7)
    const pid = child.pid()
    await network.stop()
    expect(isRunning(pid)).toBe(false)
  })

  it('has all its totals in each snapshot, whether one was asked for or pushed', async () => {
    child = createChildNetwork()
    const { network } = child
    await network.start()
    await child.until('runs', running)
    await network.refresh(AbortSignal.timeout(2000))
    const asked = network.state().snapshot
    const pushed = await child.until('pushes', ({ snapshot }) => (snapshot?.takenAtMs ?? 0) > (asked?.takenAtMs ?? 0))
    const series = (totals: readonly Total[] = []) => totals.map(seriesKey).sort()
    expect(asked?.totals.length).toBeGreaterThan(50)
    expect(series(pushed.snapshot?.totals)).toEqual(series(asked?.totals))
    expect(series(network.state().totals)).toEqual(series(asked?.totals))
  })

  it('is started again after SIGKILL, and a command to a swarm that is gone is dropped as closed', async () => {
    child = createChildNetwork()
    await child.network.start()
    await child.until('runs', running)
    const pid = child.pid()
    process.kill(pid, 'SIGKILL')
    await child.until('notices', ({ phase }) => phase === 'restarting', 2000)
    await ask(child.network)
    expect(child.network.state()).toMatchObject({
      restarts: { killed: 1, exit: 0, hung: 0, memory: 0, start_failed: 0 },
      droppedCommands: { closed: 1 },
      lastError: 'the swarm process was ended by SIGKILL',
    })
    expect(child.network.state().snapshot).toBeUndefined()
    await child.until('runs again', running)
    expect(child.pid()).not.toBe(pid)
    expect(child.network.state()).not.toHaveProperty('lastError')
  })

  it('that stands still gets no more commands than fit, is ended as hung, and is started again', async () => {
    // Longer than a boot takes on a loaded host: the next child must not be taken for hung as well.
    child = createChildNetwork({}, 5)
    const { network } = child
    await network.start()
    await child.until('runs', running)
    process.kill(child.pid(), 'SIGSTOP')
    await Promise.all(Array.from({ length: COMMAND_CAPACITY + 5 }, () => ask(network, 50)))
    expect(network.state().droppedCommands).toMatchObject({ full: 5, closed: 0 })
    const { lastError } = await child.until('hung', ({ restarts }) => restarts.hung === 1, 9000)
    expect(lastError).toBe('no sign of life for 5 s')
    await child.until('runs again', running)
    await ask(network, 2000)
    expect(network.state()).toMatchObject({ restarts: { hung: 1, killed: 0 }, droppedCommands: { full: 5 } })
  })

  it('that is larger than it may be for 5 s is started again, and says how large', async () => {
    child = createChildNetwork({}, 15, 20)
    await child.network.start()
    await child.until('runs', running)
    const { lastError } = await child.until('restarts', ({ restarts }) => restarts.memory === 1, 8000)
    expect(lastError).toMatch(/^it held \d{2,3} MiB of memory, more than 20 for 5 s \(swarm_memory_mib\)$/)
    await child.until('runs again', running)
  })

  it('outlives the signals that a whole process group gets: its network says when to stop', async () => {
    child = createChildNetwork()
    const { network } = child
    await network.start()
    await child.until('runs', running)
    const pid = child.pid()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal)
    const answers = await Promise.all(Array.from({ length: 3 }, () => ask(network, 2000)))
    expect(answers).toEqual([undefined, undefined, undefined])
    expect(network.state()).toMatchObject({ phase: 'running', restarts: { killed: 0, exit: 0 } })
    expect(child.pid()).toBe(pid)
  })

  it('that stands still is ended by a stop all the same', async () => {
    child = createChildNetwork()
    await child.network.start()
    await child.until('runs', running)
    process.kill(child.pid(), 'SIGSTOP')
    const startedAt = performance.now()
    await child.network.stop()
    expect(performance.now() - startedAt).toBeLessThan(2500)
  })

  it('that cannot listen says why, is retried, and runs once the port is free', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    try {
      child = createChildNetwork({ listen: [`/ip4/127.0.0.1/udp/${port}/quic-v1`] })
      await child.network.start()
      const state = await child.until('fails twice', ({ restarts }) => restarts.start_failed >= 2)
      expect(state).toMatchObject({ phase: 'restarting', restarts: { exit: 0, killed: 0, hung: 0 } })
      expect(state.lastError).toMatch(/in use|EADDRINUSE/i)
    } finally {
      socket.close()
    }
    await child.until('runs', running)
    expect(child.network.state().snapshot?.listenAddresses[0]).toContain(`/udp/${port}/quic-v1`)
  })

  it('whose address is not of this host says so', async () => {
    child = createChildNetwork({ listen: ['/ip4/192.0.2.1/tcp/9000'] })
    await child.network.start()
    const { lastError } = await child.until('fails', ({ restarts }) => restarts.start_failed > 0)
    expect(lastError).toMatch(/192\.0\.2\.1|not available|EADDRNOTAVAIL/)
  })
})
