import { errorText } from '../errors.ts'
import { createBackOff } from '../lifecycle/back-off.ts'
import { type Loop, pause, startLoop } from '../lifecycle/loop.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import type { TargetState } from '../mesh/snapshot.ts'
import { type FailedDial, readDialError } from './dial-failure.ts'

export interface RedialerOptions {
  targets: readonly PeerTarget[]
  ownPeerId: string
  backOff: { initialMs: number; maxMs: number; jitter: number }
  /** A connection shorter than this counts as a failed attempt, in milliseconds. */
  stableMs: number
}

export interface RedialerDeps {
  /** Connects; rejects when no address answers. */
  dial(target: PeerTarget, signal: AbortSignal): Promise<void>
  isConnected(peerId: string): boolean
  /** Resolves when the peer has no connection any more, or `signal` aborts. */
  disconnected(peerId: string, signal: AbortSignal): Promise<void>
  now(): number
  /** @param error why it failed */
  onDial(result: 'success' | 'failure', error?: unknown): void
}

export interface Redialer {
  start(): void
  stop(): Promise<void>
  states(): TargetState[]
}

/**
 * Keeps every target connected, for ever: exponential back-off with jitter and a cap, reset by a connection that lasts.
 * Each target has one loop, so at most one dial to a peer is in flight. The own peer id among the targets is skipped.
 */
export function createRedialer(options: RedialerOptions, deps: RedialerDeps): Redialer {
  const states = options.targets.map(({ peerId }): TargetState => ({
    peerId,
    phase: peerId === options.ownPeerId ? 'self' : 'waiting',
    failures: 0,
  }))
  let loops: Loop[] = []
  return {
    start() {
      if (loops.length > 0) return
      loops = options.targets.flatMap((target, index) => {
        const state = states[index]
        if (!state || state.phase === 'self') return []
        const round = createRound(target, state, options, deps)
        return [startLoop(round, (error) => (state.lastError = errorText(error)))]
      })
    },
    async stop() {
      const ending = loops
      loops = []
      await Promise.all(ending.map((loop) => loop.stop()))
    },
    states: () => states.map((state) => ({ ...state })),
  }
}

/** One round: see that the peer is connected, wait until it is not, wait the back-off. */
function createRound(
  target: PeerTarget,
  state: TargetState,
  options: RedialerOptions,
  deps: RedialerDeps,
): (signal: AbortSignal) => Promise<void> {
  const backOff = createBackOff(options.backOff)
  const fail = ({ reason, failure }: FailedDial) => {
    state.failures += 1
    state.lastError = reason
    state.failure = failure
  }
  return async (signal) => {
    state.phase = 'dialing'
    const connected = deps.isConnected(target.peerId) || (await tryDial(target, signal, deps, fail))
    if (signal.aborted) return
    if (connected) {
      const since = deps.now()
      state.phase = 'connected'
      state.failures = 0
      delete state.lastError
      delete state.failure
      await deps.disconnected(target.peerId, signal)
      if (signal.aborted) return
      const lastedMs = deps.now() - since
      if (lastedMs >= options.stableMs) backOff.reset()
      else fail({ failure: 'handshake_failed', reason: `disconnected after ${(lastedMs / 1000).toFixed(1)} s` })
    }
    state.phase = 'waiting'
    await pause(backOff.next(), signal)
  }
}

async function tryDial(
  target: PeerTarget,
  signal: AbortSignal,
  deps: RedialerDeps,
  fail: (failed: FailedDial) => void,
): Promise<boolean> {
  try {
    await deps.dial(target, signal)
    deps.onDial('success')
    return true
  } catch (error) {
    // A dial that we gave up ourselves says nothing about the peer.
    if (!signal.aborted) {
      deps.onDial('failure', error)
      fail(readDialError(error))
    }
    return false
  }
}
