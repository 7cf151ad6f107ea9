/** One exporter in a process of its own, for `scrape.ts`: its CPU is not that of whoever scrapes it. */
import { type Contestant, startExporter } from './support/exporters.ts'

export type ScrapeRequest = { do: 'cpu' } | { do: 'collect'; count: number }

/** Milliseconds since the process started, and per collection. */
export interface ScrapeAnswer {
  cpu: number
  collect?: number
  bytes?: number
}

const [contestant, series] = process.argv.slice(2)
const exporter = await startExporter(contestant as Contestant, Number(series))

async function collect(count: number): Promise<ScrapeAnswer> {
  const startedAt = cpuMilliseconds()
  let bytes = 0
  for (let index = 0; index < count; index++) bytes = (await exporter.collect()).length
  const cpu = cpuMilliseconds()
  return { cpu, collect: (cpu - startedAt) / count, bytes }
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

process.on('disconnect', () => process.exit(0))
process.on('message', (request: ScrapeRequest) => {
  const answer = request.do === 'cpu' ? Promise.resolve({ cpu: cpuMilliseconds() }) : collect(request.count)
  answer.then(
    (figures) => process.send?.(figures),
    () => process.exit(1),
  )
})
process.send?.({ url: exporter.url })
