import { expect, test } from 'vitest'
import { HISTORY_STEP_MS, type HistoryPoint } from '../../src/mesh/history.ts'
import { hourTable } from '../../src/page/sparklines.ts'

const MINUTE_MS = 60_000
const kinds = (perSecond: number, arrivalSeconds?: number): NonNullable<HistoryPoint['kinds']> => {
  const point = { perSecond, ...(arrivalSeconds !== undefined && { arrivalSeconds }) }
  return { block: point, aggregation: { perSecond: 0 }, attestation: { perSecond: 0 } }
}

async function shown(points: readonly HistoryPoint[]): Promise<string> {
  return (await hourTable(points)).toString().replaceAll(/\s+/g, ' ')
}

/** The cells of the row with this title: now, lowest, highest. */
async function numbers(points: readonly HistoryPoint[], title: string): Promise<string[]> {
  const [, row = ''] = (await shown(points)).split(`<th scope="row">${title}</th>`)
  const cells = row.slice(0, row.indexOf('</tr>')).matchAll(/<td class="number[^"]*">([^<]*)<\/td>/g)
  return [...cells].map(([, text = '']) => text)
}

async function paths(points: readonly HistoryPoint[]): Promise<string[]> {
  return [...(await shown(points)).matchAll(/<path d="([^"]*)"/g)].map(([, d = '']) => d)
}

test('each line has its last, lowest and highest value in numbers', async () => {
  const points = [
    { atMs: 0, meshPeers: 7, kinds: kinds(0.5, 0.3) },
    { atMs: 20_000, meshPeers: 3, kinds: kinds(0.123) },
  ]
  expect(await numbers(points, 'Mesh peers')).toEqual(['3', '3', '7'])
  expect(await numbers(points, 'Blocks a second')).toEqual(['0.12/s', '0.12/s', '0.5/s'])
  expect(await numbers(points, 'Block arrival')).toEqual(['-', '0.3 s', '0.3 s'])
  expect(await shown(points)).not.toContain('Attestation arrival')
})

test('an hour is as wide as the drawing, the highest value as high', async () => {
  const points = [
    { atMs: 0, meshPeers: 0 },
    { atMs: 30 * MINUTE_MS, meshPeers: 5 },
    { atMs: 60 * MINUTE_MS, meshPeers: 10 },
  ]
  expect(await paths(points)).toEqual(['M0 45h0L360 24L720 3'])
})

test('a gap stays a gap, and a point alone is a dot', async () => {
  const points = [{ atMs: 0, meshPeers: 4 }, { atMs: HISTORY_STEP_MS }, { atMs: 2 * HISTORY_STEP_MS, meshPeers: 4 }]
  expect(await paths(points)).toEqual(['M712 3h0M720 3h0'])
})

test('nothing but zeros is a line at the bottom', async () => {
  expect(await paths([{ atMs: 0, meshPeers: 0 }])).toEqual(['M720 45h0'])
})

test('says when the charts begin', async () => {
  expect(await shown([])).toContain('The charts of the last hour begin with the first 20 s.')
  expect(await shown([{ atMs: 0 }])).toContain('begin with the first 20 s')
})
