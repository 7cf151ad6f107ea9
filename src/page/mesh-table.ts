import { html, raw } from 'hono/html'
import { topicName } from '../mesh/topics.ts'
import type { NetworkDocument, PeerDocument, TopicDocument } from '../verdict/mesh-document.ts'
import { printable } from '../mesh/printable.ts'
import { live, type Markup, outside, shortPeerId } from './markup.ts'
import { MAX_ROWS, more } from './tables.ts'

/** With room to spare: no network has as many topics. */
const MAX_COLUMNS = 128

/**
 * The mesh drawn: a row a peer, a column a topic, and a mark where the peer is in the topic's mesh. A table, so that a screen
 * reader tells it like the eye sees it.
 */
export function meshTable(network: NetworkDocument, id: string): Markup {
  const topics = network.topics.slice(0, MAX_COLUMNS)
  if (topics.length === 0) return html``
  const meshes = topics.map(({ mesh }) => new Set(mesh.map(({ peerId }) => peerId)))
  const peers = drawnPeers(network, meshes)
  return html`<div class="scroll" role="region" aria-labelledby="${id} ${id}-mesh" tabindex="0">
      <table class="mesh">
        <caption id="${id}-mesh">
          Who is in which mesh
        </caption>
        <thead>
          <tr>
            <th scope="col">Peer</th>
            ${topics.map(({ topic }) => html`<th scope="col" title="${printable(topic)}"><span>${outside(topicName(topic))}</span></th> `)}
          </tr>
        </thead>
        <tbody id="${id}-peers" data-live>
          ${peers.map((peer) => peerRow(peer, meshes, network.companion?.peerId))}
        </tbody>
        <tfoot id="${id}-sizes" data-live>
          <tr>
            <th scope="row">Peers in the mesh</th>
            ${topics.map((topic) => sizeCell(topic))}
          </tr>
        </tfoot>
      </table>
    </div>
    ${more(network.topics.length - topics.length, 'topics')}
    ${live(`${id}-undrawn`, more(network.connectedPeers.length - peers.length, 'peers'))}`
}

/** Where there are too many, those that are in most meshes; in an order that does not change with the meshes. */
function drawnPeers({ connectedPeers, companion }: NetworkDocument, meshes: readonly Set<string>[]): PeerDocument[] {
  const inMeshes = ({ peerId }: PeerDocument) => meshes.filter((mesh) => mesh.has(peerId)).length
  const drawn =
    connectedPeers.length <= MAX_ROWS
      ? [...connectedPeers]
      : connectedPeers.toSorted((a, b) => inMeshes(b) - inMeshes(a)).slice(0, MAX_ROWS)
  const rank = ({ peerId, name }: PeerDocument) => (peerId === companion?.peerId ? 0 : name === null ? 2 : 1)
  return drawn.sort((a, b) => rank(a) - rank(b) || NATURAL.compare(a.name ?? a.peerId, b.name ?? b.peerId))
}

const NATURAL = new Intl.Collator('en', { numeric: true })

const IN_MESH = '<td class="in">in</td>'
const NOT_IN_MESH = '<td></td>'

function peerRow({ peerId, name }: PeerDocument, meshes: readonly Set<string>[], companion?: string): Markup {
  const cells = meshes.map((mesh) => (mesh.has(peerId) ? IN_MESH : NOT_IN_MESH)).join('')
  const role = peerId === companion ? html` <span class="soft">companion</span>` : ''
  return html`<tr>
    <th scope="row" title="${printable(peerId)}">${outside(name ?? shortPeerId(peerId))}${role}</th>
    ${raw(cells)}
  </tr> `
}

function sizeCell({ mesh, deficit }: TopicDocument): Markup {
  return deficit > 0 ? html`<td class="few">${mesh.length}</td> ` : html`<td>${mesh.length}</td> `
}
