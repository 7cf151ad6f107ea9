import type { Names } from '../../src/mesh/names.ts'
import type { Snapshot } from '../../src/mesh/snapshot.ts'
import type { LaunchSwarm, SwarmEnd, SwarmLife, SwarmListener } from '../../src/networks/swarm-life.ts'
import { snapshotOf } from './network-states.ts'

/** A swarm in this process that does what a test says. */
export interface FakeLife extends SwarmLife {
  listener: SwarmListener
  /** It runs, and says so. */
  push(snapshot?: Partial<Snapshot>): void
  /** It ends by itself. */
  end(end?: Partial<SwarmEnd>): void
  stopped: boolean
  /** The names that it was told, the latest last; the first ones at its launch. */
  names: Names[]
  /** How it is asked; by default it answers with what it pushed last. */
  onAsked: (signal: AbortSignal) => Promise<Snapshot>
}

export interface FakeSwarms {
  launch: LaunchSwarm
  /** All lives so far, the latest last. */
  lives: FakeLife[]
  /** The latest. */
  life(): FakeLife
}

/** @param autoStart whether each life runs soon after its launch, as a real one does */
export function fakeSwarms(autoStart = false): FakeSwarms {
  const lives: FakeLife[] = []
  const launch: LaunchSwarm = (listener, names) => {
    const life = createLife(listener, names)
    lives.push(life)
    if (autoStart) queueMicrotask(() => life.push())
    return life
  }
  return {
    launch,
    lives,
    life() {
      const last = lives.at(-1)
      if (!last) throw new Error('nothing was launched')
      return last
    },
  }
}

function createLife(listener: SwarmListener, names: Names): FakeLife {
  const ended = Promise.withResolvers<SwarmEnd>()
  let last = snapshotOf()
  const life: FakeLife = {
    listener,
    ended: ended.promise,
    stopped: false,
    names: [names],
    setNames: (table) => void life.names.push(table),
    onAsked: async () => {
      listener.onSnapshot(last)
      return last
    },
    push(snapshot = {}) {
      last = snapshotOf(snapshot)
      listener.onSnapshot(last)
    },
    end: (end = {}) => ended.resolve({ reason: 'exit', message: 'the fake ended', ...end }),
    snapshot: (signal) => life.onAsked(signal),
    async stop() {
      life.stopped = true
      life.end()
    },
  }
  return life
}
