/** The status page in a real browser: drawn from a running sidecar beside real peers, and from documents that no network shows in a test. */
import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HISTORY_STEP_MS, type HistoryPoint } from '../../src/mesh/history.ts'
import type { MeshDocument, PeerDocument } from '../../src/verdict/mesh-document.ts'
import { startServer } from '../http/admin-fixture.ts'
import { keepScreenshot, openPage, startBrowser } from '../support/browser.ts'
import { meshDocument, network, REAM, SUPPLY, ZEAM } from '../support/mesh-fixture.ts'
import { startRealPeer } from '../support/real-peer.ts'
import { LEAN_TOPICS, startRunningSidecar } from '../support/running-sidecar.ts'

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
const DESKTOP = { viewport: { width: 1280, height: 900 } }

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => browser.close())

/** A server whose document a test changes. */
async function serve(first: MeshDocument = meshDocument(), history: readonly HistoryPoint[] = []) {
  const state = { document: first }
  const { url, server, port } = await startServer({ mesh: () => state.document, history: () => history })
  return { url, server, port, state }
}

/** An hour of a network that grows. */
const HOUR: HistoryPoint[] = Array.from({ length: 180 }, (_, step) => ({
  atMs: step * HISTORY_STEP_MS,
  meshPeers: Math.round(4 + 3 * Math.sin(step / 20)),
  kinds: {
    block: { perSecond: step % 30 === 0 ? 0.2 : 0.25, arrivalSeconds: 0.3 + 0.1 * Math.sin(step / 5) },
    aggregation: { perSecond: 0.5, arrivalSeconds: 1.8 },
    attestation: { perSecond: 4 + Math.cos(step / 9), arrivalSeconds: 1 },
  },
}))

/** Runs the page's own clock until its next update has come. */
async function nextUpdate(page: Page): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/'))
  await page.clock.runFor(5000)
  await (await answered).finished()
}

/** The same until something is there: what the server drew just before is kept for an instant. */
async function updateUntil(page: Page, locator: Locator): Promise<void> {
  for (let tries = 0; tries < 50 && (await locator.count()) === 0; tries++) await nextUpdate(page)
  await locator.waitFor({ timeout: 1000 })
}

async function openWithClock(url: string, options = {}) {
  const opened = await openPage(browser, 'about:blank', options)
  await opened.page.clock.install()
  await opened.page.goto(url)
  return opened
}

/** As a browser shows them. */
const headings = (html: string) =>
  [...html.matchAll(/<h[12][^>]*>(.*?)<\/h[12]>/g)].map(([, text = '']) => text.replaceAll(/<[^>]*>/g, ''))

const FOCUSED = "document.activeElement.getAttribute('aria-labelledby') ?? document.activeElement.textContent"

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

  test('is used with the keyboard alone, and an update takes nothing away', async () => {
    const { url, state } = await serve(meshDocument(), HOUR)
    const { page } = await openWithClock(url, DESKTOP)
    const focused: string[] = []
    for (let presses = 0; presses < 7; presses++) {
      await page.keyboard.press('Tab')
      focused.push(await page.evaluate<string>(FOCUSED))
    }
    expect(focused).toEqual([
      'metrics',
      'v1/mesh',
      'v1/companion',
      'Pause',
      'network-0 network-0-mesh',
      'Topics and peers',
      'This observer',
    ])
    await page.keyboard.press('Enter')
    state.document = meshDocument({ networks: [network({ meshPeers: 9 })] })
    await updateUntil(page, page.getByText('9 peers in the mesh, in'))
    expect(await page.locator('details').last().getAttribute('open')).toBeNull()
    expect(await page.evaluate<string>(FOCUSED)).toBe('This observer')
    expect(await page.title()).toBe('9 mesh peers - leanmesh')
  })

  test('tells a screen reader what has become worse, and not each number', async () => {
    const { url, state } = await serve()
    const { page } = await openWithClock(url)
    const status = page.getByRole('status')
    state.document = meshDocument({ networks: [network({ meshPeers: 3 })] })
    await updateUntil(page, page.getByText('3 peers in the mesh, in'))
    expect(await status.textContent()).toBe('')
    state.document = meshDocument({ networks: [network({ phase: 'restarting' })] })
    await updateUntil(page, status.getByText('Network 0: The swarm ended and is being restarted, so its mesh reads 0.'))
  })

  test('does not take away what is being selected, and stands still while it is paused', async () => {
    const { url, state } = await serve()
    const { page } = await openWithClock(url)
    await page.getByText('2 peers in the mesh, in').selectText()
    state.document = meshDocument({ networks: [network({ meshPeers: 3 })] })
    await nextUpdate(page)
    expect(await page.evaluate<string>('String(getSelection())')).toContain('2 peers in the mesh')
    await page.getByText('Something on the page is selected').waitFor()
    await page.evaluate('getSelection().removeAllRanges()')
    await updateUntil(page, page.getByText('3 peers in the mesh, in'))
    await page.getByRole('button', { name: 'Pause' }).click()
    state.document = meshDocument({ networks: [network({ meshPeers: 4 })] })
    await page.clock.runFor(60_000)
    expect(await page.getByText('3 peers in the mesh, in').count()).toBe(1)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('4 peers in the mesh, in').waitFor()
  })

  test('says that the sidecar does not answer any more, and goes on when it does', async () => {
    const { url, server, port } = await serve()
    const { page } = await openWithClock(url)
    await server.stop()
    await page.clock.runFor(5000)
    await page.getByRole('alert').getByText('The sidecar has not answered since').waitFor()
    await keepScreenshot(page, 'no-answer')
    const document = meshDocument({ networks: [network({ meshPeers: 7 })] })
    await startServer({ mesh: () => document }, { port })
    await page.clock.runFor(5000)
    await page.getByText('7 peers in the mesh, in').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test.each([
    ['another version', meshDocument({ version: '9.9.9' })],
    ['no network', meshDocument({ networks: [] })],
    ['a network of another name', meshDocument({ networks: [network({ networkId: 'other' })] })],
    ['one more network', meshDocument({ networks: [network(), network({ networkId: 'b' })] })],
    ['other topics', meshDocument({ networks: [network({ topics: network().topics.toReversed() })] })],
    ['no names', meshDocument({ clientLabels: false })],
  ])('of a sidecar with %s is loaded anew', async (_, document) => {
    const { url, state } = await serve()
    const { page } = await openWithClock(url)
    state.document = document
    const loads: Page[] = []
    page.once('load', (loaded) => loads.push(loaded))
    // A clock that is asked to go on while the page is replaced says so.
    for (let tries = 0; tries < 50 && loads.length === 0; tries++) await page.clock.runFor(5000).catch(() => undefined)
    expect(loads).toHaveLength(1)
    const html = await (await fetch(url)).text()
    expect(await page.getByRole('heading').allInnerTexts()).toEqual(headings(html))
  })

  test('whose address has a user and a password in it keeps itself up to date', async () => {
    const { url, state } = await serve()
    const { page } = await openWithClock(url.replace('http://', 'http://operator:secret@'))
    state.document = meshDocument({ networks: [network({ meshPeers: 5 })] })
    await updateUntil(page, page.getByText('5 peers in the mesh, in'))
  })

  test('that cannot be drawn any more is told as old', async () => {
    let isBroken = false
    const mesh = () => {
      if (isBroken) throw new Error('broken')
      return meshDocument()
    }
    const { url } = await startServer({ mesh })
    const { page } = await openWithClock(url)
    isBroken = true
    await updateUntil(page, page.getByRole('alert'))
  })

  test('is not asked for while nobody looks at it', async () => {
    let asked = 0
    const { url } = await startServer({ mesh: () => (asked++, meshDocument()) })
    const { page } = await openWithClock(url)
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    const before = asked
    await page.clock.runFor(60_000)
    expect(asked).toBe(before)
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    await expect.poll(() => asked).toBeGreaterThan(before)
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
  const { page, complaints } = await openWithClock(url, PHONE)
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
    const { page, complaints } = await openWithClock(url, DESKTOP)
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
