import { startLagMeter } from './event-loop-lag.ts'

export interface UsageReading {
  cpuSeconds: number
  residentBytes: number
  eventLoopLagSeconds: number
}

export interface UsageMeter {
  read(): UsageReading
  stop(): void
}

/** What the lag is told of, in milliseconds. */
const WINDOW_MS = 10_000

/**
 * Reads what this process uses. The lag is that of the last complete window, or of the first one while it runs: reading
 * it more often changes nothing, so several readers do not disturb each other.
 */
export function startUsageMeter(): UsageMeter {
  const lag = startLagMeter(WINDOW_MS)
  return {
    read() {
      const cpu = process.cpuUsage()
      return {
        cpuSeconds: (cpu.user + cpu.system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        eventLoopLagSeconds: lag.seconds(),
      }
    },
    stop: lag.stop,
  }
}
