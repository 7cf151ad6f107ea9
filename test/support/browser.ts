/** A real headless Chromium, as npm ships it. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, chromium as playwright, type Page } from 'playwright-core'

/** What a test leaves to be looked at. */
const ARTEFACTS = join(import.meta.dirname, '../artefacts')

export async function startBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath()
  // Not the flags that the package proposes: they switch off what the page relies on. Root has no sandbox.
  return playwright.launch({ executablePath, args: ['--no-sandbox'], env: { ...process.env, TMPDIR: tmpdir() } })
}

/** A page that has loaded, and everything that its console, its scripts and its policy complain of. */
export interface OpenPage {
  page: Page
  complaints: string[]
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const page = await browser.newPage(options)
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(url)
  return { page, complaints }
}

/** Kept under test/artefacts/, where CI and people find it. */
export async function keepScreenshot(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true })
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`), fullPage })
}
