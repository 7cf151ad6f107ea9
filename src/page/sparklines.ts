import { html } from 'hono/html'
import { HISTORY_MS, type HistoryPoint } from '../mesh/history.ts'
import { TOPIC_KINDS, type TopicKind } from '../mesh/topics.ts'
import type { Markup } from './markup.ts'

/** Of the drawing, in its own units; the page stretches it. */
const WIDTH = 720
const HEIGHT = 48
/** So that a line at the edge is drawn in full. */
const EDGE = 3

/** One line of the last hour. */
interface Line {
  title: string
  value: (point: HistoryPoint) => number | undefined
  text: (value: number) => string
}

const KIND_TITLES: Readonly<Record<TopicKind, string>> = {
  block: 'Block',
  aggregation: 'Aggregation',
  attestation: 'Attestation',
}

const rounded = (value: number): string => String(Number(value.toPrecision(2)))

const LINES: readonly Line[] = [
  { title: 'Mesh peers', value: ({ meshPeers }) => meshPeers, text: String },
  ...TOPIC_KINDS.map((kind) => ({
    title: `${KIND_TITLES[kind]}s a second`,
    value: ({ kinds }: HistoryPoint) => kinds?.[kind].perSecond,
    text: (value: number) => `${rounded(value)}/s`,
  })),
  ...TOPIC_KINDS.map((kind) => ({
    title: `${KIND_TITLES[kind]} arrival`,
    value: ({ kinds }: HistoryPoint) => kinds?.[kind].arrivalSeconds,
    text: (value: number) => `${rounded(value)} s`,
  })),
]

/** The last hour of a network: a chart a line, each from 0 to its own highest value, and the same in numbers. */
export function hourTable(points: readonly HistoryPoint[]): Markup {
  const rows = LINES.flatMap((line) => lineRow(line, points) ?? [])
  if (rows.length === 0) return html`<p class="soft">The charts of the last hour begin with the first 20 s.</p>`
  return html`<table class="hour">
      <caption>
        The last hour
      </caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">An hour ago <span>now</span></th>
          <th scope="col" class="number">Now</th>
          <th scope="col" class="number low">Lowest</th>
          <th scope="col" class="number">Highest</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="soft">
      In steps of 20 s. Arrivals are after the start of the slot: the medians of the steps, as far as histogram buckets
      tell.
    </p>`
}

/** Of what nothing is known there is no row. */
function lineRow({ title, value, text }: Line, points: readonly HistoryPoint[]): Markup | undefined {
  const values = points.flatMap((point) => value(point) ?? [])
  const last = points.at(-1)
  if (values.length === 0 || last === undefined) return undefined
  const now = value(last)
  const highest = Math.max(...values)
  return html`<tr>
    <th scope="row">${title}</th>
    <td>${drawing(points, value, { nowMs: last.atMs, highest })}</td>
    <td class="number">${now === undefined ? '-' : text(now)}</td>
    <td class="number low">${text(Math.min(...values))}</td>
    <td class="number">${text(highest)}</td>
  </tr> `
}

interface Scale {
  nowMs: number
  highest: number
}

/** Its numbers stand beside it, so a screen reader passes it by. */
function drawing(points: readonly HistoryPoint[], value: Line['value'], { nowMs, highest }: Scale): Markup {
  const x = (atMs: number) => Math.max(0, WIDTH * (1 - (nowMs - atMs) / HISTORY_MS)).toFixed(0)
  const y = (height: number) =>
    (HEIGHT - EDGE - (highest === 0 ? 0 : (height / highest) * (HEIGHT - 2 * EDGE))).toFixed(0)
  const steps: string[] = []
  let isDrawing = false
  for (const point of points) {
    const height = value(point)
    // A point without a neighbour is drawn as a dot, by the line's round cap.
    if (height !== undefined)
      steps.push(isDrawing ? `L${x(point.atMs)} ${y(height)}` : `M${x(point.atMs)} ${y(height)}h0`)
    isDrawing = height !== undefined
  }
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <path d="${steps.join('')}" />
  </svg>`
}
