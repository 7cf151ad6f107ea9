/** Examines `process.argv[2]` with a limit of `process.argv[3]` bytes, and prints what came of it and what it took as JSON. */
import { examineMetrics } from '../../src/companion/examine-metrics.ts'

const [url = '', maxBytes] = process.argv.slice(2)
const before = process.resourceUsage().maxRSS
const startedAt = performance.now()
let longestTurnMs = 0
let cpu = process.threadCpuUsage()
// In time of the processor, because others have the machine too.
const ticks = setInterval(() => {
  const { user, system } = process.threadCpuUsage(cpu)
  cpu = process.threadCpuUsage()
  longestTurnMs = Math.max(longestTurnMs, (user + system) / 1000)
}, 1)
const examination = await examineMetrics({
  url,
  givenAs: 'the URL',
  userAgent: 'leanmesh/test',
  timeoutMs: 60_000,
  ...(maxBytes !== undefined && { maxBytes: Number(maxBytes) }),
})
clearInterval(ticks)
const seconds = (performance.now() - startedAt) / 1000
const grownMiB = (process.resourceUsage().maxRSS - before) / 1024
console.log(JSON.stringify({ examination, seconds, grownMiB, longestTurnMs }))
