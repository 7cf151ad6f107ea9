import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { glob, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { toolPath } from '../../tools/tool-path.ts'
import type { Simulation } from './simulated-sidecar.ts'

/** What Prometheus keeps of two hours. */
export interface BlockSize {
  series: number
  samples: number
  chunkBytes: number
  /** Labels and where to find them. */
  indexBytes: number
}

const run = promisify(execFile)
const INTERVAL_S = 15
const BLOCK_S = 2 * 60 * 60

/** Has promtool write the two hours of that many sidecars, scraped every 15 s, as one block, and weighs it. */
export async function blockSize(sidecars: number, simulation: Simulation): Promise<BlockSize> {
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-block-'))
  try {
    const text = join(folder, 'samples.txt')
    await pipeline(Readable.from(openMetrics(sidecars, simulation)), createWriteStream(text))
    await run(toolPath('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, folder])
    return await weigh(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* openMetrics(sidecars: number, simulation: Simulation): AsyncGenerator<string> {
  // A block begins at a multiple of its length.
  const start = Math.floor(Date.now() / 1000 / BLOCK_S - 1) * BLOCK_S
  for (let scrape = 0; scrape < BLOCK_S / INTERVAL_S; scrape++) {
    for (let sidecar = 0; sidecar < sidecars; sidecar++) {
      const samples = simulation.exposition(sidecar, scrape).split('\n')
      const seconds = start + scrape * INTERVAL_S
      yield samples
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => `${ofTarget(line, sidecar)} ${seconds}\n`)
        .join('')
    }
  }
  yield '# EOF\n'
}

/** With the labels that a scrape adds. */
function ofTarget(line: string, sidecar: number): string {
  const labels = `job="leanmesh",network="lean-devnet",instance="lean-devnet/sidecar-${sidecar}"`
  const [, name = '', rest = '', value = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  return `${name}{${labels}${rest === '' ? '' : `,${rest}`}} ${value}`
}

async function weigh(folder: string): Promise<BlockSize> {
  const size = { series: 0, samples: 0, chunkBytes: 0, indexBytes: 0 }
  for await (const file of glob('*/{meta.json,index,chunks/*}', { cwd: folder })) {
    const path = join(folder, file)
    const bytes = (await stat(path)).size
    if (file.endsWith('meta.json')) {
      const { stats } = JSON.parse(await readFile(path, 'utf8')) as BlockMeta
      size.series += stats.numSeries
      size.samples += stats.numSamples
    } else if (file.endsWith('index')) size.indexBytes += bytes
    else size.chunkBytes += bytes
  }
  if (size.samples === 0) throw new Error('promtool wrote no block')
  return size
}

interface BlockMeta {
  stats: { numSeries: number; numSamples: number }
}
