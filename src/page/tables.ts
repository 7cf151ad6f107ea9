import { html } from 'hono/html'
import { count } from '../verdict/cause.ts'
import type {
  HeadDocument,
  NetworkDocument,
  PeerDocument,
  TargetDocument,
  TopicDocument,
} from '../verdict/mesh-document.ts'
import { topicName } from '../mesh/topics.ts'
import { identifier, type Markup, outside } from './markup.ts'

/** So that a page stays readable, and small, whatever the network does. */
export const MAX_ROWS = 200

/** How many are left out, and where they are; nothing where none is. No link, which an update would take the focus from. */
export function more(left: number, what = 'rows'): Markup {
  return left > 0 ? html`<p class="soft">and ${left} more ${what}: all are in v1/mesh</p>` : html``
}

interface Table<Row> {
  caption: string
  /** `extra`: not for a phone. */
  columns: ReadonlyArray<{ title: string; kind?: 'number' | 'extra' }>
  rows: readonly Row[]
  /** One cell a column; the first one names the row. */
  cells: (row: Row) => readonly unknown[]
}

function tableRow(cells: readonly unknown[], columns: Table<unknown>['columns']): Markup {
  const [name, ...rest] = cells
  const others = rest.map((cell, index) => html`<td class="${columns[index + 1]?.kind ?? ''}">${cell}</td>`)
  return html`<tr>
    <th scope="row">${name}</th>
    ${others}
  </tr> `
}

/** An empty table is left out. */
function table<Row>({ caption, columns, rows, cells }: Table<Row>): Markup {
  if (rows.length === 0) return html``
  const titles = columns.map(({ title, kind = '' }) => html`<th scope="col" class="${kind}">${title}</th>`)
  return html`<table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${titles}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, MAX_ROWS).map((row) => tableRow(cells(row), columns))}
      </tbody>
    </table>
    ${more(rows.length - MAX_ROWS)}`
}

/** Every topic that the network is configured to join. */
export function topicTable({ topics }: NetworkDocument): Markup {
  return table<TopicDocument>({
    caption: 'Topics',
    columns: [
      { title: 'Topic' },
      { title: 'In the mesh', kind: 'number' },
      { title: 'Wants more', kind: 'number' },
      { title: 'Could have', kind: 'number' },
      { title: 'Subscribed', kind: 'number' },
    ],
    rows: topics,
    cells: ({ topic, mesh, deficit, candidates, subscribers }) => [
      html`${outside(topicName(topic))}${identifier(topic)}`,
      mesh.length,
      deficit,
      candidates,
      subscribers,
    ],
  })
}

/** The name where there is one, the peer id in any case. */
function peerCell({ peerId, name }: PeerDocument): Markup {
  return name === null ? identifier(peerId) : html`${outside(name)}${identifier(peerId)}`
}

interface PeerRow extends PeerDocument {
  state: string
  agent: string
  meshes: number
  isMissing: boolean
}

/** Peers that are configured and those that have connected by themselves: first the missing ones, then those in most meshes. */
export function peerTable({ connectedPeers, targets, topics }: NetworkDocument): Markup {
  const agents = new Map(connectedPeers.map(({ peerId, agent = '' }) => [peerId, agent]))
  const meshed = topics.flatMap(({ mesh }) => mesh.map(({ peerId }) => peerId))
  const meshes = new Map<string, number>()
  for (const peerId of meshed) meshes.set(peerId, (meshes.get(peerId) ?? 0) + 1)
  const configured = new Map(targets.map((target) => [target.peerId, target]))
  const rows = [...targets, ...connectedPeers.filter(({ peerId }) => !configured.has(peerId))].map((peer): PeerRow => {
    const target = configured.get(peer.peerId)
    return {
      ...peer,
      state: target ? targetState(target) : 'connected, not configured',
      agent: agents.get(peer.peerId) ?? '',
      meshes: meshes.get(peer.peerId) ?? 0,
      isMissing: target !== undefined && target.phase !== 'self' && !agents.has(peer.peerId),
    }
  })
  return table<PeerRow>({
    caption: `Peers (${connectedPeers.length} connected, ${targets.length} configured)`,
    columns: [
      { title: 'Peer' },
      { title: 'State' },
      { title: 'Says it runs', kind: 'extra' },
      { title: 'Meshes', kind: 'number' },
    ],
    rows: rows.sort((a, b) => Number(b.isMissing) - Number(a.isMissing) || b.meshes - a.meshes),
    cells: (row) => [peerCell(row), outside(row.state), outside(row.agent), row.meshes],
  })
}

function targetState({ phase, failures, lastError }: TargetDocument): string {
  if (phase === 'self') return 'this sidecar: skipped'
  if (failures === 0) return phase
  return `${phase} after ${count(failures, 'failed attempt')}${lastError === undefined ? '' : `: ${lastError}`}`
}

const SHORT_ROOT_DIGITS = 8

/** What named peers last said of their chains, those farthest behind first. */
export function headTable({ heads, currentSlot }: NetworkDocument): Markup {
  const highest = Math.max(...heads.map(({ headSlot }) => headSlot))
  return table<HeadDocument>({
    caption: currentSlot === undefined ? 'Heads' : `Heads (now is slot ${currentSlot})`,
    columns: [
      { title: 'Peer' },
      { title: 'Head slot', kind: 'number' },
      { title: 'Behind', kind: 'number' },
      { title: 'Finalized slot', kind: 'number' },
      { title: 'Finalized root', kind: 'extra' },
      { title: 'Age', kind: 'number' },
    ],
    rows: heads.toSorted((a, b) => a.headSlot - b.headSlot),
    cells: (head) => [
      peerCell(head),
      head.headSlot,
      highest - head.headSlot,
      head.finalizedSlot,
      identifier(head.finalizedRoot.slice(0, SHORT_ROOT_DIGITS)),
      `${head.ageSeconds.toFixed(0)} s`,
    ],
  })
}
