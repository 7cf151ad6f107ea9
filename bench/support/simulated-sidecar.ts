/** What was recorded, said again as that of many sidecars and for longer than was recorded. */
import { RECORDED_ID, type Recording } from './recorded-sidecar.ts'

export interface Simulation {
  /** The exposition of one of them at its nth scrape. */
  exposition(sidecar: number, scrape: number): string
  /** Its nth push, made now. */
  push(sidecar: number, push: number): Buffer
}

interface Line {
  /** A comment, or a series and a space. */
  text: string
  /** By second; empty for a comment. */
  values: number[]
  /** Of a counter or a histogram. */
  isTotal: boolean
}

/** Recorded seconds from one scrape to the next: values change as they do in 15 s. */
const SECONDS_A_SCRAPE = 15

export function simulate({ expositions, pushes }: Recording): Simulation {
  const lines = linesOf(expositions)
  const patched = pushes.map(patchable)
  return {
    exposition(sidecar, scrape) {
      const second = sidecar + scrape * SECONDS_A_SCRAPE
      const text = lines.map((line) => (line.values.length === 0 ? line.text : line.text + valueAt(line, second)))
      return `${text.join('\n').replaceAll(RECORDED_ID, idOf(sidecar))}\n`
    },
    push(sidecar, push) {
      const recorded = patched[(sidecar + push * SECONDS_A_SCRAPE) % patched.length]
      if (recorded === undefined) throw new Error('nothing was pushed while it was recorded')
      return withIdAndTime(recorded, idOf(sidecar))
    },
  }
}

/** Five digits, as in what was recorded. */
function idOf(sidecar: number): string {
  return `sidecar-${String(sidecar).padStart(5, '0')}`
}

function linesOf(expositions: readonly string[]): Line[] {
  const [first = [], ...others] = expositions.map((text) => text.trimEnd().split('\n'))
  const seriesOf = (line: string) => line.slice(0, line.lastIndexOf(' ') + 1)
  let isTotal = false
  return first.map((line, at) => {
    if (line.startsWith('# TYPE')) isTotal = /(counter|histogram)$/.test(line)
    if (line.startsWith('#')) return { text: line, values: [], isTotal }
    const text = seriesOf(line)
    const values = [first, ...others].map((lines) => {
      const value = lines[at] ?? ''
      if (seriesOf(value) !== text) throw new Error(`${text}was not there at every scrape that was recorded`)
      return Number(value.slice(text.length))
    })
    return { text, values, isTotal }
  })
}

/** A total goes on growing where the recording starts again. */
function valueAt({ values, isTotal }: Line, second: number): number {
  const value = values[second % values.length] ?? 0
  if (!isTotal) return value
  const grown = ((values.at(-1) ?? 0) - (values[0] ?? 0)) * Math.floor(second / values.length)
  return Number((value + grown).toFixed(6))
}

interface PatchablePush {
  body: Buffer
  ids: number[]
  times: number[]
}

/** Tag of `time_unix_nano` in a data point: field 3, eight bytes. */
const TIME_TAG = 0x19
const DAY_NS = 86_400_000_000_000n

/** Finds what tells sidecars and pushes apart: the id's places, and those of the points' times. */
function patchable(body: Buffer): PatchablePush {
  const ids: number[] = []
  for (let at = body.indexOf(RECORDED_ID); at !== -1; at = body.indexOf(RECORDED_ID, at + 1)) ids.push(at)
  const now = BigInt(Date.now()) * 1_000_000n
  const times: number[] = []
  for (let at = 0; at < body.length - 8; at++) {
    if (body[at] !== TIME_TAG) continue
    const time = body.readBigUInt64LE(at + 1)
    if (time > now - DAY_NS && time <= now) times.push(at + 1)
  }
  return { body, ids, times }
}

function withIdAndTime({ body, ids, times }: PatchablePush, id: string): Buffer {
  const copy = Buffer.from(body)
  const now = BigInt(Date.now()) * 1_000_000n
  for (const at of ids) copy.write(id, at)
  for (const at of times) copy.writeBigUInt64LE(now, at)
  return copy
}
