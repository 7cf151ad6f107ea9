/** The status page of a document that a test changes, in a real browser whose clock it moves. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { HISTORY_STEP_MS, type HistoryPoint } from '../../src/mesh/history.ts'
import type { MeshDocument } from '../../src/verdict/mesh-document.ts'
import { startServer } from '../http/admin-fixture.ts'
import { openPage, type OpenPage } from './browser.ts'
import { meshDocument } from './mesh-fixture.ts'

export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
export const DESKTOP = { viewport: { width: 1280, height: 900 } }

/** A server whose document a test changes. */
export async function serve(first: MeshDocument = meshDocument(), history: readonly HistoryPoint[] = []) {
  const state = { document: first }
  const { url, server, port } = await startServer({ mesh: () => state.document, history: () => history })
  return { url, server, port, state }
}

/** An hour of a network that grows. */
export const HOUR: HistoryPoint[] = Array.from({ length: 180 }, (_, step) => ({
  atMs: step * HISTORY_STEP_MS,
  meshPeers: Math.round(4 + 3 * Math.sin(step / 20)),
  kinds: {
    block: { perSecond: step % 30 === 0 ? 0.2 : 0.25, arrivalSeconds: 0.3 + 0.1 * Math.sin(step / 5) },
    aggregation: { perSecond: 0.5, arrivalSeconds: 1.8 },
    attestation: { perSecond: 4 + Math.cos(step / 9), arrivalSeconds: 1 },
  },
}))

/** Runs the page's own clock until its next update has come. */
export async function nextUpdate(page: Page): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/'))
  await page.clock.runFor(5000)
  await (await answered).finished()
}

/** The same until something is there: what the server drew just before is kept for an instant. */
export async function updateUntil(page: Page, locator: Locator): Promise<void> {
  for (let tries = 0; tries < 50 && (await locator.count()) === 0; tries++) await nextUpdate(page)
  await locator.waitFor({ timeout: 1000 })
}

/** A page whose clock a test moves. */
export async function openWithClock(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const opened = await openPage(browser, 'about:blank', options)
  await opened.page.clock.install()
  await opened.page.goto(url)
  return opened
}
