/** The status page in a real browser: drawn from a running sidecar beside real peers, and from documents that no network shows in a test. */
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerDocument } from '../../src/verdict/mesh-document.ts'
import { keepScreenshot, openPage, startBrowser } from '../support/browser.ts'
import { meshDocument, network, REAM, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'
import { startRealPeer } from '../support/real-peer.ts'
import { DESKTOP, HOUR, nextUpdate, openWithClock, PHONE, serve, updateUntil } from '../support/served-page.ts'
import { LEAN_TOPICS, startRunningSidecar } from '../support/running-sidecar.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => browser.close())

/** Whether the document is wider than the window: people on phones then scroll sideways to read. */
const overflows = (page: Page) => page.evaluate<boolean>('document.documentElement.scrollWidth > screen.width')

async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

test('shows real peers where they are, and by itself that one has gone', async () => {
  await using rust = await startRealPeer('rust', { topics: LEAN_TOPICS })
  await using go = await startRealPeer('go', { topics: LEAN_TOPICS })
  const names = new Map([
    [rust.peerId, 'ream_0'],
    [go.peerId, 'gean_0'],
  ])
  await using sidecar = await startRunningSidecar({ dial: [...rust.addresses, ...go.addresses], names })
  await sidecar.waitForNetwork(({ topics }) => topics.every(({ mesh }) => mesh.length === 2))
  const { page, complaints } = await openPage(browser, sidecar.url, DESKTOP)
  await page.evaluate('window.isTheSamePage = true')
  const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}( in)+$`) })
  expect([await row('ream_0').count(), await row('gean_0').count()]).toEqual([1, 1])
  const agents = (await sidecar.network()).connectedPeers.map(({ agent }) => agent ?? '')
  expect(agents.toSorted()).toEqual([expect.stringMatching(/go/), expect.stringMatching(/rust/)])
  for (const agent of agents) expect(await page.getByRole('cell', { name: agent }).count()).toBe(1)
  await keepScreenshot(page, 'real-peers')

  await go.stop()
  await row('gean_0').waitFor({ state: 'detached', timeout: 30_000 })
  expect(await row('ream_0').count()).toBe(1)
  await page.getByRole('row', { name: /^Mesh peers/ }).waitFor({ timeout: 60_000 })
  expect(await page.evaluate('window.isTheSamePage')).toBe(true)
  expect(complaints).toEqual([])
})

describe('any document', () => {
  test.each([320, 360, 568, 740, 768, 820, 1280])('fits a window of %d pixels', async (width) => {
    const companion = {
      ...ZEAM,
      phase: 'connected',
      state: 'meshed',
      sinceSeconds: 90,
      sentence: 'it is well',
    } as const
    const { url } = await serve(meshDocument({ networks: [network({ companion })] }), HOUR)
    const { page } = await openPage(browser, url, { viewport: { width, height: 700 }, isMobile: width < 800 })
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  })

  test.each([
    ['light', { ...DESKTOP, colorScheme: 'light' }],
    ['dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['phone', { ...PHONE, colorScheme: 'light' }],
    ['phone-dark', { ...PHONE, colorScheme: 'dark' }],
  ] as const)('has no accessibility fault and nothing that is too wide: %s', async (name, options) => {
    const companion = {
      ...ZEAM,
      phase: 'connected',
      state: 'subscribed',
      sinceSeconds: 90,
      sentence: 'companion zeam_0: in no mesh',
    } as const
    const document = meshDocument({
      networks: [network({ companion }), network({ networkId: 'b', phase: 'restarting' })],
    })
    const { url } = await serve(document, HOUR)
    const { page, complaints } = await openPage(browser, url, options)
    expect(await overflows(page)).toBe(false)
    expect(await accessibilityFaults(page)).toEqual([])
    await keepScreenshot(page, name)
    expect(complaints).toEqual([])
  })

  test('is complete without the script, and can be asked to refresh', async () => {
    const { url } = await serve(meshDocument(), HOUR)
    const { page } = await openPage(browser, url, { javaScriptEnabled: false })
    expect(await page.getByRole('row', { name: 'zeam_0 in in' }).count()).toBe(1)
    expect(await page.getByRole('button').count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Refresh every 5 s' }).getAttribute('href')).toBe('?refresh')
  })
})

test('3 networks with 64 topics and 200 peers each are drawn and updated', async () => {
  const peers = Array.from({ length: 200 }, (_, index): PeerDocument => ({
    peerId: `16Uiu2HAm${String(index).padStart(44, 'x')}`,
    name: `zeam_${index}`,
  }))
  const topics = (shift: number) =>
    Array.from({ length: 64 }, (_, subnet) => ({
      topic: `/leanconsensus/12345678/attestation_${subnet}/ssz_snappy`,
      subscribers: 200,
      mesh: peers.filter((_, index) => (index * 7 + subnet * 13 + shift) % 20 === 0),
      ...SUPPLY,
    }))
  const large = (shift: number) =>
    meshDocument({
      networks: ['a', 'b', 'c'].map((networkId) =>
        network({ networkId, connectedPeers: peers, topics: topics(shift), targets: [] }),
      ),
    })
  const { url, state } = await serve(large(0), HOUR)
  const { page, complaints } = await openWithClock(browser, url, PHONE)
  expect(await page.locator('.mesh tbody tr').count()).toBe(600)
  expect(await page.locator('.mesh .in').count()).toBe(3 * 64 * 10)
  expect(await overflows(page)).toBe(false)
  const first = await page.locator('.mesh tbody').first().innerHTML()
  state.document = large(1)
  await nextUpdate(page)
  await page.waitForFunction(`document.querySelector('.mesh tbody').innerHTML !== ${JSON.stringify(first)}`)
  await keepScreenshot(page, 'large-phone', { fullPage: false })
  await page.setViewportSize(DESKTOP.viewport)
  await page
    .locator('.scroll')
    .first()
    .evaluate((scroller) => {
      scroller.scrollIntoView()
      scroller.scrollTo(300, 1500)
    })
  await keepScreenshot(page, 'large-scrolled', { fullPage: false })
  expect(complaints).toEqual([])
})

describe('what peers and files say', () => {
  const HOSTILE =
    '<script>window.owned=1</script><img src=x onerror="window.owned=1">"\'><svg onload=window.owned=1>\u202Eevil\u2066\u001B[31m'

  test('is text on the page, wherever it stands, and after an update', async () => {
    const peer = { peerId: HOSTILE, name: HOSTILE, agent: HOSTILE }
    const hostile = network({
      networkId: HOSTILE,
      lastError: HOSTILE,
      connectedPeers: [peer, REAM],
      topics: [{ topic: HOSTILE, subscribers: 1, mesh: [peer], ...SUPPLY }],
      targets: [{ ...peer, phase: 'waiting', failures: 2, lastError: HOSTILE }],
      companion: { ...peer, phase: 'connected', state: HOSTILE, sentence: HOSTILE },
      foreignForks: { peers: 1, digests: [{ forkDigest: HOSTILE, peers: 1 }] },
    })
    const { url, state } = await serve(meshDocument({ networks: [hostile], neverSeen: [HOSTILE] }))
    const { page, complaints } = await openWithClock(browser, url, DESKTOP)
    state.document = meshDocument({ networks: [{ ...hostile, meshPeers: 9 }], neverSeen: [HOSTILE], version: '0.1.0' })
    await updateUntil(page, page.getByText('9 peers in the mesh'))
    expect(await page.evaluate('window.owned')).toBeUndefined()
    expect(await page.locator('main img, main script, main svg[onload]').count()).toBe(0)
    const text = await page.locator('main').innerText()
    expect(text).toContain('<script>window.owned=1</script>')
    expect(text).not.toMatch(/[\u202E\u2066\u001B]/)
    expect(await overflows(page)).toBe(false)
    expect(complaints).toEqual([])
    await keepScreenshot(page, 'hostile')
  })

  test('could run and load nothing even if it were not escaped', async () => {
    const { url } = await serve()
    const { page } = await openPage(browser, url)
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(HOSTILE)})`)
    await expect(page.addScriptTag({ content: 'window.owned = 1' })).rejects.toThrow()
    await expect(page.addScriptTag({ url: `${url}v1/mesh` })).rejects.toThrow()
    expect(await page.evaluate('window.owned')).toBeUndefined()
  })
})
