/** How long the sidecar takes to answer and to join, and what it holds at rest: from the checkout, and compiled. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startRealPeer } from '../test/support/real-peer.ts'
import { compiledMain } from './support/compiled-package.ts'
import { isQuick } from './support/flags.ts'
import { ownNode } from './support/own-node.ts'
import { cpuSecondsOf, memoryOf, type Memory } from './support/process-figures.ts'
import { writeResults } from './support/results.ts'
import { millisecondsUntil, spawnRun } from './support/run-command.ts'
import { seriesValue } from './support/scraper.ts'
import { TOPICS } from './support/sidecar-options.ts'
import { median, sum } from './support/statistics.ts'
import { figure, printTable, verdict } from './support/table.ts'

const RUNS = isQuick ? 3 : 5
/** How often the memory is taken, each from a process of its own. */
const MEMORY_RUNS = isQuick ? 1 : 3
const REST_MS = 20_000
const SCRAPE_INTERVAL_MS = 5000
const GOALS = { answerMs: 500, meshMs: 2000, memoryMiB: 150 }

interface Form {
  label: string
  main: string
  nodeFlags: readonly string[]
}

interface Measured {
  form: Form
  answersMs: number[]
  meshesMs: number[]
  /** CPU of the metrics plane until it answered: what is left of the time when nobody else is at work. */
  answerCpuMs: number[]
  memories: Memory[][]
}

async function measure(measured: Measured, node: string, rest: boolean): Promise<void> {
  const { form, answersMs, answerCpuMs, meshesMs, memories } = measured
  await using peer = await startRealPeer('rust', { topics: [TOPICS[0] ?? ''] })
  const { main, nodeFlags } = form
  await using command = await spawnRun({ node, nodeFlags, main, peers: peer.addresses })
  answersMs.push(await millisecondsUntil(command, () => true))
  answerCpuMs.push(cpuSecondsOf(command.pids()[0] ?? 0) * 1000)
  meshesMs.push(await millisecondsUntil(command, (body) => seriesValue(body, 'lean_gossip_mesh_peers') === 1))
  if (!rest) return
  const until = performance.now() + REST_MS
  while (performance.now() < until) {
    await delay(SCRAPE_INTERVAL_MS)
    await command.scraper.scrape()
  }
  memories.push(command.pids().map(memoryOf))
}

function summary({ form, answersMs, answerCpuMs, meshesMs, memories }: Measured) {
  const plane = (at: number, kind: keyof Memory) => median(memories.map((memory) => memory[at]?.[kind] ?? Number.NaN))
  const memory = [0, 1].map((at) => ({
    rss: plane(at, 'rss'),
    pss: plane(at, 'pss'),
    anonymous: plane(at, 'anonymous'),
  }))
  return { form: form.label, answersMs, answerCpuMs, meshesMs, memory }
}

type Summary = ReturnType<typeof summary>

function row({ form, answersMs, answerCpuMs, meshesMs, memory }: Summary) {
  const spread = (times: readonly number[], goal: number) =>
    `${figure(median(times))} (${figure(Math.min(...times))}-${figure(Math.max(...times))}) ${verdict(median(times), goal)}`
  const planes = (kind: keyof Memory) => {
    const values = memory.map((plane) => plane[kind])
    return `${values.map((value) => figure(value)).join(' + ')} = ${figure(sum(values))}`
  }
  return {
    form,
    [`first answer ms, goal ${GOALS.answerMs}`]: spread(answersMs, GOALS.answerMs),
    'CPU ms of it': figure(median(answerCpuMs)),
    [`first mesh peer ms, goal ${GOALS.meshMs}`]: spread(meshesMs, GOALS.meshMs),
    'RSS MiB': planes('rss'),
    'anonymous MiB': planes('anonymous'),
    [`PSS MiB, goal ${GOALS.memoryMiB}`]: `${planes('pss')} ${verdict(sum(memory.map(({ pss }) => pss)), GOALS.memoryMiB)}`,
  }
}

using node = ownNode()
const forms: Form[] = [
  { label: 'compiled', main: compiledMain(), nodeFlags: [] },
  { label: 'checkout', main: join(import.meta.dirname, '../src/cli/main.ts'), nodeFlags: [] },
]
const all: Measured[] = forms.map((form) => ({ form, answersMs: [], answerCpuMs: [], meshesMs: [], memories: [] }))
for (let run = 0; run < RUNS; run++) {
  for (const measured of all) await measure(measured, node.path, run < MEMORY_RUNS)
}
const results = all.map(summary)
const title = `median (least-most) of ${RUNS} starts; memory after ${REST_MS / 1000} s at rest; metrics plane + swarm plane`
printTable(title, results.map(row))
writeResults('start', { quick: isQuick, goals: GOALS, results })
