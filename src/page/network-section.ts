import { html } from 'hono/html'
import type { HistoryPoint } from '../mesh/history.ts'
import { byReason, type Finding } from '../verdict/cause.ts'
import type { NetworkDocument } from '../verdict/mesh-document.ts'
import { networkCauses } from '../verdict/network-causes.ts'
import { printable } from '../mesh/printable.ts'
import { companionStanding, type Level, type Standing, standingOf } from '../verdict/standing.ts'
import { identifier, live, type Markup, outside } from './markup.ts'
import { meshTable } from './mesh-table.ts'
import { hourTable } from './sparklines.ts'
import { headTable, peerTable, topicTable } from './tables.ts'

const MAX_ADDRESSES = 20

/** One network: how it stands, why, the last hour, and the evidence. `id` tells its elements from those of others. */
export function networkSection(network: NetworkDocument, id: string, points: readonly HistoryPoint[]): Markup {
  const findings = networkCauses(network)
  const standing = standingOf(network, findings)
  const companion = network.companion && companionStanding(network.companion)
  // What stands above them already is left out.
  const causes = findings.filter(({ kind }) => kind !== 'companion')
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">Network ${outside(network.networkId)}</h2>
    ${live(
      `${id}-verdict`,
      html`${news(network, standing, findings)}${standingLine(standing)}
      ${companion ? standingLine(companion) : ''}${causeList(causes)}`,
    )}
    ${live(`${id}-hour`, hourTable(points))}${meshTable(network, id)}
    <details open>
      <summary>Topics and peers</summary>
      ${live(`${id}-tables`, html`${topicTable(network)}${peerTable(network)}${headTable(network)}`)}
    </details>
    <details open>
      <summary>This observer</summary>
      ${live(`${id}-facts`, facts(network))}
    </details>
  </section> `
}

const LEVEL_WORDS: Readonly<Record<Level, string>> = { good: 'Well', waiting: 'Not yet', bad: 'To mend' }

function standingLine({ level, sentence }: Standing): Markup {
  return html`<p class="standing ${level}"><b>${LEVEL_WORDS[level]}</b> ${outside(sentence)}</p> `
}

/** What the script tells a screen reader when the key has changed: the numbers alone change all the time. */
function news(
  { networkId, companion }: NetworkDocument,
  { level, sentence }: Standing,
  findings: readonly Finding[],
): Markup {
  const kinds = findings.flatMap((finding) => (finding.level === 'wrong' ? finding.kind : []))
  const first = findings.find((finding) => finding.level === 'wrong')?.sentence ?? sentence
  const key = [level, companion?.state ?? '', ...kinds].join(' ')
  return html`<span hidden data-news="${key}">Network ${printable(networkId)}: ${printable(first)}</span>`
}

const CAUSE_LEVELS: Readonly<Record<Finding['level'], string>> = { wrong: 'bad', well: 'good', note: '' }
const CAUSE_WORDS: Readonly<Record<Finding['level'], string>> = { wrong: 'To mend', well: 'Well', note: 'Note' }

/** Why the mesh is as it is, the likeliest cause first. */
export function causeList(causes: readonly Finding[]): Markup {
  if (causes.length === 0) return html``
  const items = causes.map(
    ({ level, sentence, evidence }) =>
      html`<li>
        <b class="${CAUSE_LEVELS[level]}">${CAUSE_WORDS[level]}</b> ${outside(sentence)}
        ${evidence.map((text) => html`<span class="evidence">${outside(text)}</span> `)}
      </li> `,
  )
  return html`<ol class="causes">
    ${items}
  </ol>`
}

/** `block 3 s ago, attestation 2 s ago`; empty when none has come. */
function messageAges({ lastMessageAgeSeconds }: NetworkDocument): string {
  const ages = Object.entries(lastMessageAgeSeconds)
  return ages.map(([kind, seconds]) => `${kind} ${seconds.toFixed(0)} s ago`).join(', ')
}

/** Only what there is to say. */
function facts(network: NetworkDocument): Markup {
  const { peerId, listenAddresses } = network
  const addresses = listenAddresses.slice(0, MAX_ADDRESSES).map((address) => html`${identifier(address)}<br />`)
  const forks = network.foreignForks.digests.map(({ forkDigest, peers }) => `${forkDigest} ${peers}`).join(', ')
  const known: [term: string, description: Markup | Markup[] | string][] = [
    ['Own peer id', peerId === undefined ? '' : identifier(peerId)],
    ['Listens on', addresses.length === 0 ? '' : addresses],
    ['Other fork digests', forks === '' ? '' : outside(forks)],
    ['Last error', network.lastError === undefined ? '' : outside(network.lastError)],
    ['Restarts', byReason(network.restarts).join(', ')],
    ['Dropped commands', byReason(network.droppedCommands).join(', ')],
    ['Last messages', messageAges(network)],
  ]
  const entries = known.filter(([, description]) => description !== '')
  return html`<dl>
    ${entries.map(
      ([term, description]) =>
        html`<dt>${term}</dt>
          <dd>${typeof description === 'string' ? outside(description) : description}</dd> `,
    )}
  </dl>`
}
