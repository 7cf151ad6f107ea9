/** How an open status page keeps itself up to date, in a real browser. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../http/admin-fixture.ts'
import { keepScreenshot, startBrowser } from '../support/browser.ts'
import { meshDocument, network } from '../support/mesh-fixture.ts'
import { DESKTOP, HOUR, nextUpdate, openWithClock, serve, updateUntil } from '../support/served-page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => browser.close())

/** As a browser shows them. */
const headings = (html: string) =>
  [...html.matchAll(/<h[12][^>]*>(.*?)<\/h[12]>/g)].map(([, text = '']) => text.replaceAll(/<[^>]*>/g, ''))

const FOCUSED = "document.activeElement.getAttribute('aria-labelledby') ?? document.activeElement.textContent"

describe('an open page', () => {
  test('is used with the keyboard alone, and an update takes nothing away', async () => {
    const { url, state } = await serve(meshDocument(), HOUR)
    const { page } = await openWithClock(browser, url, DESKTOP)
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
    const { page } = await openWithClock(browser, url)
    const status = page.getByRole('status')
    state.document = meshDocument({ networks: [network({ meshPeers: 3 })] })
    await updateUntil(page, page.getByText('3 peers in the mesh, in'))
    expect(await status.textContent()).toBe('')
    state.document = meshDocument({ networks: [network({ phase: 'restarting' })] })
    await updateUntil(page, status.getByText('Network 0: The swarm ended and is being restarted, so its mesh reads 0.'))
  })

  test('does not take away what is being selected, and stands still while it is paused', async () => {
    const { url, state } = await serve()
    const { page } = await openWithClock(browser, url)
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
    const { page } = await openWithClock(browser, url)
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
    const { page } = await openWithClock(browser, url)
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
    const { page } = await openWithClock(browser, url.replace('http://', 'http://operator:secret@'))
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
    const { page } = await openWithClock(browser, url)
    isBroken = true
    await updateUntil(page, page.getByRole('alert'))
  })

  test('is not asked for while nobody looks at it', async () => {
    let asked = 0
    const { url } = await startServer({ mesh: () => (asked++, meshDocument()) })
    const { page } = await openWithClock(browser, url)
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    const before = asked
    await page.clock.runFor(60_000)
    expect(asked).toBe(before)
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    await expect.poll(() => asked).toBeGreaterThan(before)
  })
})
