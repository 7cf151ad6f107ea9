import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface UsageReading {
  cpuSeconds: number
  residentBytes: number
  eventLoopLagSeconds: number
}

export interface UsageMeter {
  read(): UsageReading
  stop(): void
}

/** How often it is looked at, in milliseconds: each time wakes a process that has nothing to do. */
const RESOLUTION_MS = 100

/**
 * Reads what this process uses. The lag is the 99th percentile of how late the event loop was over the last complete
 * window, or of the first one while it runs: reading it more often changes nothing, so several readers do not disturb
 * each other.
 *
 * @param windowMs length of a window, in milliseconds
 */
export function startUsageMeter(windowMs = 10_000): UsageMeter {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  // The monitor measures timer intervals; what exceeds its own resolution is lag.
  const currentLag = () => (delays.count === 0 ? 0 : Math.max(0, delays.percentile(99) / 1e9 - RESOLUTION_MS / 1e3))
  let complete: number | undefined
  const timer = setInterval(() => {
    complete = currentLag()
    delays.reset()
  }, windowMs)
  timer.unref()
  return {
    read() {
      const cpu = process.cpuUsage()
      return {
        cpuSeconds: (cpu.user + cpu.system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        eventLoopLagSeconds: complete ?? currentLag(),
      }
    },
    stop() {
      clearInterval(timer)
      delays.disable()
    },
  }
}
