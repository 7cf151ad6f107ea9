import { errorText, LeanmeshError } from '../errors.ts'

/** At most this many refreshers, sources and observers together: each costs time at every scrape, and two series. */
export const MAX_REFRESHERS = 32

/** What makes state true at a scrape. */
export interface Refresher {
  /** Unique; the label `refresher`. */
  name: string
  /** How long it may take, in milliseconds. Absent: the registry's default. */
  deadlineMs?: number
  /** Brings its state up to date. `signal` aborts at the deadline; from then on it counts as failed. */
  refresh(signal: AbortSignal): void | Promise<void>
}

/** How a refresher's last run went. */
export interface RefresherStatus {
  name: string
  durationSeconds: number
  succeeded: boolean
  /** Why it failed, on one line; absent after a success. */
  error?: string
}

/** Bounded and append-only: sources bring state up to date, then observers read it. */
export interface Refreshers {
  /** @throws LeanmeshError `ERR_TOO_MANY_REFRESHERS`, `ERR_DUPLICATE_REFRESHER` */
  addSource(refresher: Refresher): void
  /** @throws LeanmeshError `ERR_TOO_MANY_REFRESHERS`, `ERR_DUPLICATE_REFRESHER` */
  addObserver(refresher: Refresher): void
  /** Runs every refresher once. Calls during a run share it. Never rejects. */
  refresh(): Promise<void>
  /** The last run of each refresher that has run, in order. */
  statuses(): RefresherStatus[]
}

export interface RefreshersOptions {
  deadlineMs: number
}

export interface RefreshersDeps {
  /** The host's monotonic clock, in milliseconds. */
  clock: { nowMs(): number }
  /** Called when a refresher begins to fail, fails for another reason, or recovers; not at each scrape. */
  onRefresherChange?(status: RefresherStatus): void
}

interface Entry {
  refresher: Refresher
  /** True from the start of a run until it settles, which may be long after its deadline. */
  isRunning: boolean
  status?: RefresherStatus
}

export function createRefreshers(options: RefreshersOptions, deps: RefreshersDeps): Refreshers {
  const sources: Entry[] = []
  const observers: Entry[] = []
  let running: Promise<void> | undefined

  function add(list: Entry[], refresher: Refresher): void {
    const all = [...sources, ...observers]
    if (all.length >= MAX_REFRESHERS) {
      throw new LeanmeshError(
        'ERR_TOO_MANY_REFRESHERS',
        `The refresher '${refresher.name}' is one more than the ${MAX_REFRESHERS} that a scrape runs: register fewer.`,
      )
    }
    if (all.some((entry) => entry.refresher.name === refresher.name)) {
      throw new LeanmeshError(
        'ERR_DUPLICATE_REFRESHER',
        `There is a refresher '${refresher.name}' already: give this one another name.`,
      )
    }
    list.push({ refresher, isRunning: false })
  }

  // Within a list all start in order and run at once: each writes only its own state, and in sequence the deadlines of
  // a few that hang would add up to more than a collection may take.
  async function runAll(): Promise<void> {
    for (const list of [sources, observers]) await Promise.all(list.map(async (entry) => run(entry, options, deps)))
  }

  return {
    addSource: (refresher) => add(sources, refresher),
    addObserver: (refresher) => add(observers, refresher),
    refresh() {
      running ??= runAll().finally(() => {
        running = undefined
      })
      return running
    },
    statuses: () => [...sources, ...observers].flatMap((entry) => entry.status ?? []),
  }
}

async function run(entry: Entry, options: RefreshersOptions, deps: RefreshersDeps): Promise<void> {
  const { name, deadlineMs = options.deadlineMs } = entry.refresher
  const startMs = deps.clock.nowMs()
  const error = entry.isRunning ? 'its last run still hangs' : await runWithin(entry, deadlineMs)
  const durationSeconds = (deps.clock.nowMs() - startMs) / 1000
  const succeeded = error === undefined
  const before = entry.status?.error
  entry.status = succeeded ? { name, durationSeconds, succeeded } : { name, durationSeconds, succeeded, error }
  if (error !== before) deps.onRefresherChange?.(entry.status)
}

/** Resolves with what went wrong, at the deadline at the latest; a run that ignores its signal is then left behind. */
async function runWithin(entry: Entry, deadlineMs: number): Promise<string | undefined> {
  const controller = new AbortController()
  const { promise: missed, resolve: miss } = Promise.withResolvers<string>()
  const timer = setTimeout(() => {
    miss(`missed its deadline of ${deadlineMs} ms`)
    controller.abort()
  }, deadlineMs)
  try {
    return await Promise.race([settle(entry, controller.signal), missed])
  } finally {
    clearTimeout(timer)
  }
}

async function settle(entry: Entry, signal: AbortSignal): Promise<string | undefined> {
  entry.isRunning = true
  try {
    await entry.refresher.refresh(signal)
    return undefined
  } catch (error) {
    return errorText(error) || 'failed without a reason'
  } finally {
    entry.isRunning = false
  }
}
