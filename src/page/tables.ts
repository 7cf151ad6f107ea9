import { html } from 'hono/html'
import type {
  HeadDocument,
  NetworkDocument,
  PeerDocument,
  TargetDocument,
  TopicDocument,
} from '../verdict/mesh-document.ts'
import { printable } from '../verdict/printable.ts'

/** A piece of the page, escaped. */
export type Markup = ReturnType<typeof html>

/** So that a page stays readable, and small, whatever the network does. */
const MAX_ROWS = 200

/** Text from outside: printable, escaped, and isolated from the direction of what stands around it. */
export function outside(text: string): Markup {
  return html`<bdi>${printable(text)}</bdi>`
}

/** The same for an identifier. */
export function identifier(text: string): Markup {
  return html`<code>${outside(text)}</code>`
}

/** `/leanconsensus/<segment>/<name>/ssz_snappy` without its constant parts, for lists. */
function shortTopic(topic: string): string {
  return /^\/leanconsensus\/[^/]*\/([^/]+)\/ssz_snappy$/.exec(topic)?.[1] ?? topic
}

interface Table<Row> {
  caption: string
  columns: ReadonlyArray<{ title: string; isNumber?: boolean }>
  rows: readonly Row[]
  /** One cell a column; the first one names the row. */
  cells: (row: Row) => readonly unknown[]
}

function tableRow(cells: readonly unknown[], columns: Table<unknown>['columns']): Markup {
  const [name, ...rest] = cells
  const others = rest.map((cell, index) =>
    columns[index + 1]?.isNumber === true ? html`<td class="number">${cell}</td>` : html`<td>${cell}</td>`,
  )
  return html`<tr>
    <th scope="row">${name}</th>
    ${others}
  </tr> `
}

/** An empty table is left out. */
function table<Row>({ caption, columns, rows, cells }: Table<Row>): Markup {
  if (rows.length === 0) return html``
  const titles = columns.map(({ title, isNumber }) =>
    isNumber === true ? html`<th scope="col" class="number">${title}</th>` : html`<th scope="col">${title}</th>`,
  )
  const more = rows.length - MAX_ROWS
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
    ${more > 0 ? html`<p class="soft">and ${more} more: all are in <a href="/v1/mesh">/v1/mesh</a></p>` : ''}`
}

/** Every topic that the network is configured to join. */
export function topicTable({ topics }: NetworkDocument): Markup {
  return table<TopicDocument>({
    caption: 'Topics',
    columns: [
      { title: 'Topic' },
      { title: 'In the mesh', isNumber: true },
      { title: 'Wants more', isNumber: true },
      { title: 'Could have', isNumber: true },
      { title: 'Subscribed', isNumber: true },
    ],
    rows: topics,
    cells: ({ topic, mesh, deficit, candidates, subscribers }) => [
      identifier(topic),
      mesh.length,
      deficit,
      candidates,
      subscribers,
    ],
  })
}

/** The name where there is one, the peer id in any case. */
function peerCell({ peerId, name }: PeerDocument): Markup {
  return name === null ? identifier(peerId) : html`${outside(name)}<br />${identifier(peerId)}`
}

/** Connected peers, those in most meshes first, and which topics each is meshed in. */
export function peerTable({ connectedPeers, topics }: NetworkDocument): Markup {
  const meshes = new Map<string, string[]>()
  for (const { topic, mesh } of topics) {
    for (const { peerId } of mesh) meshes.set(peerId, [...(meshes.get(peerId) ?? []), shortTopic(topic)])
  }
  const meshesOf = ({ peerId }: PeerDocument): string[] => meshes.get(peerId) ?? []
  return table<PeerDocument>({
    caption: `Connected peers (${connectedPeers.length})`,
    columns: [{ title: 'Peer' }, { title: 'In the mesh of' }],
    rows: connectedPeers.toSorted((a, b) => meshesOf(b).length - meshesOf(a).length),
    cells: (peer) => [peerCell(peer), meshesOf(peer).length === 0 ? 'no topic' : outside(meshesOf(peer).join(', '))],
  })
}

function targetState({ phase, failures, lastError }: TargetDocument): string {
  if (phase === 'self') return 'this sidecar: skipped'
  if (failures === 0) return phase
  const attempts = failures === 1 ? '1 failed attempt' : `${failures} failed attempts`
  return `${phase} after ${attempts}${lastError === undefined ? '' : `: ${lastError}`}`
}

/** The peers that the swarm keeps dialling. */
export function targetTable({ targets }: NetworkDocument): Markup {
  return table<TargetDocument>({
    caption: 'Configured peers',
    columns: [{ title: 'Peer' }, { title: 'State' }],
    rows: targets,
    cells: (target) => [peerCell(target), outside(targetState(target))],
  })
}

const SHORT_ROOT_DIGITS = 8

/** What named peers last said of their chains, those farthest behind first. */
export function headTable({ heads, currentSlot }: NetworkDocument): Markup {
  const highest = Math.max(...heads.map(({ headSlot }) => headSlot))
  return table<HeadDocument>({
    caption: currentSlot === undefined ? 'Heads' : `Heads (now is slot ${currentSlot})`,
    columns: [
      { title: 'Peer' },
      { title: 'Head slot', isNumber: true },
      { title: 'Behind', isNumber: true },
      { title: 'Finalized slot', isNumber: true },
      { title: 'Finalized root' },
      { title: 'Age', isNumber: true },
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
