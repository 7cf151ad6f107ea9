import { createHash } from 'node:crypto'
import { html } from 'hono/html'
import type { HistoryPoint } from '../mesh/history.ts'
import { count } from '../verdict/cause.ts'
import { commonCauses } from '../verdict/causes.ts'
import type { MeshDocument } from '../verdict/mesh-document.ts'
import { printable } from '../mesh/printable.ts'
import { live, type Markup } from './markup.ts'
import { causeList, networkSection } from './network-section.ts'
import { STYLE_ELEMENT } from './style.ts'

const REFRESH_SECONDS = 5

export interface StatusPageOptions {
  /** The browser asks for the page again by itself, for those without its script. */
  isRefreshing: boolean
  /** Whether /metrics answers; without it there is nothing to link to. */
  isScraped: boolean
  /** The last hour of a network. */
  history(networkId: string): readonly HistoryPoint[]
}

/**
 * The page that people look at: complete as it comes, so that it needs no script. With the script it brings itself up to
 * date. Links are relative, so that it also works behind a proxy that puts it under a path.
 */
export async function statusPage(mesh: MeshDocument, options: StatusPageOptions): Promise<string> {
  const sections = mesh.networks.map((network, index) =>
    networkSection(network, `network-${index}`, options.history(network.networkId)),
  )
  const page = await html`<!doctype html>
    <html lang="en" data-made-for="${madeFor(mesh, options)}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${options.isRefreshing ? html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}" /></noscript>` : ''}
        <title>${title(mesh)}</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
        <script type="module" src="live.js"></script>
      </head>
      <body>
        ${pageHeader(mesh, options)}
        <main>
          ${live('all', causeList(commonCauses(mesh)))}${sections}
          ${mesh.clientLabels ? '' : html`<p class="soft">Peers have no names: there is no names file (--names).</p>`}
        </main>
        <footer class="soft">
          ${live('moment', html`<p>As of <time datetime="${mesh.generatedAt}">${printable(mesh.generatedAt)}</time></p>`)}
        </footer>
      </body>
    </html> `
  return `${page.toString().trimEnd()}\n`
}

/** What stands outside of the live pieces: of another sidecar, or one with other settings, only a new page shows it. */
function madeFor({ version, clientLabels, networks }: MeshDocument, { isScraped }: StatusPageOptions): string {
  const drawn = networks.map(({ networkId, topics }) => [networkId, topics.map(({ topic }) => topic)])
  return createHash('sha256')
    .update(JSON.stringify([version, clientLabels, isScraped, drawn]))
    .digest('hex')
}

/** So that a tab tells it: the gauge over all networks. */
function title({ networks }: MeshDocument): string {
  const peers = networks.reduce((sum, { meshPeers }) => sum + meshPeers, 0)
  return `${count(peers, 'mesh peer')} - leanmesh`
}

function pageHeader(mesh: MeshDocument, { isRefreshing, isScraped }: StatusPageOptions): Markup {
  const refresh = isRefreshing
    ? html`<a href="./">Stop refreshing</a>`
    : html`<a href="?refresh">Refresh every ${REFRESH_SECONDS} s</a>`
  return html`<header>
    <h1>leanmesh <span class="soft">${printable(mesh.version)}</span></h1>
    <p>
      The gossipsub mesh of this observer: what a peer in the client's place sees. It is not the client's own count.
    </p>
    <nav>
      <ul>
        <li>${isScraped ? html`<a href="metrics">metrics</a>` : html`<span class="soft">metrics are off</span>`}</li>
        <li><a href="v1/mesh">v1/mesh</a></li>
        <li><a href="v1/companion">v1/companion</a></li>
        <li><button id="pause" type="button" hidden>Pause</button><noscript>${refresh}</noscript></li>
      </ul>
    </nav>
    <p id="lost" class="standing bad" role="alert" hidden></p>
    <p id="held" class="soft" hidden>Something on the page is selected, and stands still until it is not.</p>
    <p id="news" class="unseen" role="status"></p>
  </header>`
}
