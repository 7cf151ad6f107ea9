import { expect, test } from 'vitest'
import { meshTable } from '../../src/page/mesh-table.ts'
import type { NetworkDocument } from '../../src/verdict/mesh-document.ts'
import { BLOCK, network, REAM, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'

async function shown(document: NetworkDocument): Promise<string> {
  return (await meshTable(document, 'n')).toString().replaceAll(/\s+/g, ' ')
}

/** The rows of the peers: the name, and a mark a topic. */
async function rows(document: NetworkDocument): Promise<string[]> {
  const [, body = ''] = /<tbody[^>]*>(.*)<\/tbody>/.exec(await shown(document)) ?? []
  return body
    .split('</tr>')
    .slice(0, -1)
    .map((row) => row.replaceAll('<td></td>', ' .').replaceAll('<td class="in">in</td>', ' in'))
    .map((row) =>
      row
        .replaceAll(/<[^>]*>/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
}

const peer = (number: number, name: string | null = null) => ({
  peerId: `16Uiu2HAm${String(number).padStart(44, 'x')}`,
  name,
})

test('has a row a peer, in the order of their names, with a mark for each mesh that it is in', async () => {
  expect(await rows(network())).toEqual(['ream_1 in .', 'zeam_0 in in', '16Uiu2HA…SLj1E1 . .'])
})

test('names count like people do, and the companion stands first', async () => {
  const connectedPeers = [peer(1, 'zeam_10'), peer(2, 'zeam_9'), peer(3), ZEAM]
  const companion = { ...ZEAM, phase: 'connected', sentence: '' } as const
  const names = (await rows(network({ connectedPeers, companion }))).map((row) => row.split(' ')[0])
  expect(names).toEqual(['zeam_0', 'zeam_9', 'zeam_10', '16Uiu2HA…xxxxx3'])
  expect((await rows(network({ connectedPeers, companion })))[0]).toContain('companion')
})

test('the foot counts each mesh, and marks those that want more', async () => {
  const topics = [
    { topic: BLOCK, subscribers: 2, mesh: [ZEAM, REAM], ...SUPPLY },
    { topic: 'other', subscribers: 1, mesh: [ZEAM], ...SUPPLY, deficit: 1 },
  ]
  const [, foot = ''] = (await shown(network({ topics }))).split('<tfoot')
  expect(foot).toMatch(/<td>2<\/td>\s*<td class="few">1<\/td>/)
})

test('of too many peers those in most meshes are drawn, and how many are not is told', async () => {
  const connectedPeers = [...Array.from({ length: 500 }, (_, number) => peer(number)), ZEAM]
  const drawn = await rows(network({ connectedPeers }))
  expect(drawn).toHaveLength(200)
  expect(drawn[0]).toBe('zeam_0 in in')
  expect(await shown(network({ connectedPeers }))).toContain('and 301 more peers')
})

test('of too many topics the first are drawn, and how many are not is told', async () => {
  const topics = Array.from({ length: 140 }, (_, index) => ({
    topic: `t${index}`,
    subscribers: 0,
    mesh: [],
    ...SUPPLY,
  }))
  const page = await shown(network({ topics }))
  expect(page.match(/<th scope="col" title/g)).toHaveLength(128)
  expect(page).toContain('and 12 more topics')
})

test('without topics there is nothing to draw', async () => {
  expect(await shown(network({ topics: [] }))).toBe('')
})
