import { html } from 'hono/html'
import type { MeshDocument, NetworkDocument } from '../verdict/mesh-document.ts'
import { printable } from '../verdict/printable.ts'
import { neverSeenSentence, refresherSentence, standingOf } from '../verdict/standing.ts'
import { STYLE_ELEMENT } from './style.ts'
import { headTable, identifier, outside, peerTable, targetTable, topicTable, type Markup } from './tables.ts'

const REFRESH_SECONDS = 5
const MAX_ADDRESSES = 20

/** `exit 2, hung 1`; empty when nothing happened. */
function totals(byReason: Readonly<Record<string, number>>): string {
  const happened = Object.entries(byReason).filter(([, amount]) => amount > 0)
  return happened.map(([reason, amount]) => `${reason} ${amount}`).join(', ')
}

/** `block 3 s ago, attestation 2 s ago`; empty when none has come. */
function messageAges({ lastMessageAgeSeconds }: NetworkDocument): string {
  const ages = Object.entries(lastMessageAgeSeconds)
  return ages.map(([kind, seconds]) => `${kind} ${seconds.toFixed(0)} s ago`).join(', ')
}

function fact(term: string, description: unknown): Markup {
  return html`<dt>${term}</dt>
    <dd>${description}</dd> `
}

/** Only what there is to say. */
function facts(network: NetworkDocument): Markup {
  const { peerId, listenAddresses } = network
  const addresses = listenAddresses.slice(0, MAX_ADDRESSES).map((address) => html`${identifier(address)}<br />`)
  const forks = network.foreignForks.digests.map(({ forkDigest, peers }) => `${forkDigest} ${peers}`).join(', ')
  const restarts = totals(network.restarts)
  const dropped = totals(network.droppedCommands)
  const ages = messageAges(network)
  const known = [
    peerId === undefined ? undefined : fact('Own peer id', identifier(peerId)),
    addresses.length === 0 ? undefined : fact('Listens on', addresses),
    forks === '' ? undefined : fact('Other fork digests', outside(forks)),
    restarts === '' ? undefined : fact('Restarts', outside(restarts)),
    dropped === '' ? undefined : fact('Dropped commands', outside(dropped)),
    ages === '' ? undefined : fact('Last messages', outside(ages)),
  ].filter((entry) => entry !== undefined)
  return known.length === 0 ? html`` : html`<dl>${known}</dl>`
}

function sentenceOf(text: string | undefined): Markup {
  return text === undefined ? html`` : html`<p>${outside(text)}</p>`
}

function clockWarning({ clock }: NetworkDocument): Markup {
  return clock?.sentence === undefined ? html`` : html`<p class="standing bad">${outside(clock.sentence)}</p>`
}

function networkSection(network: NetworkDocument): Markup {
  const { level, sentence } = standingOf(network)
  return html`<section>
    <h2>Network ${outside(network.networkId)}</h2>
    <p class="standing ${level}">${outside(sentence)}</p>
    ${sentenceOf(network.companion?.sentence)} ${clockWarning(network)} ${facts(network)} ${topicTable(network)}
    ${peerTable(network)} ${headTable(network)} ${targetTable(network)}
  </section> `
}

export interface StatusPageOptions {
  isRefreshing: boolean
  /** Whether /metrics answers; without it there is nothing to link to. */
  isScraped: boolean
}

function pageHeader(mesh: MeshDocument, { isRefreshing, isScraped }: StatusPageOptions): Markup {
  const metrics = isScraped ? html`<a href="/metrics">/metrics</a>` : html`<span class="soft">/metrics is off</span>`
  const refresh = isRefreshing
    ? html`<a href="/">Stop refreshing</a>`
    : html`<a href="/?refresh">Refresh every ${REFRESH_SECONDS} s</a>`
  return html`<header>
    <h1>leanmesh <span class="soft">${printable(mesh.version)}</span></h1>
    <p>
      The gossipsub mesh of this observer: what a peer in the client's place sees. It is not the client's own count.
    </p>
    <nav>
      <ul>
        <li>${metrics}</li>
        <li><a href="/v1/mesh">/v1/mesh</a></li>
        <li>${refresh}</li>
      </ul>
    </nav>
  </header>`
}

/**
 * The status page: all of it rendered here, so that it needs no script. While it refreshes, the browser asks for it again.
 */
export async function statusPage(mesh: MeshDocument, options: StatusPageOptions): Promise<string> {
  const refresh = options.isRefreshing ? html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}" />` : ''
  const names = mesh.clientLabels
    ? ''
    : html`<p class="soft">Peers have no names: there is no names file (--names).</p>`
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>leanmesh</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${pageHeader(mesh, options)}
        <main>
          ${sentenceOf(refresherSentence(mesh))}${mesh.networks.map(networkSection)}${names}
          ${sentenceOf(neverSeenSentence(mesh))}
        </main>
        <footer class="soft">
          <p>As of <time datetime="${mesh.generatedAt}">${printable(mesh.generatedAt)}</time></p>
        </footer>
      </body>
    </html> `
  return page.toString()
}
