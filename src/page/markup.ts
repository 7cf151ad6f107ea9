import { html } from 'hono/html'
import { printable } from '../mesh/printable.ts'

/** A piece of the page, escaped. */
export type Markup = ReturnType<typeof html>

/** Text from outside: printable, escaped, and isolated from the direction of what stands around it. */
export function outside(text: string): Markup {
  return html`<bdi>${printable(text)}</bdi>`
}

/** The same for an identifier. */
export function identifier(text: string): Markup {
  return html`<code>${outside(text)}</code>`
}

/**
 * A piece that the script replaces when it has changed. What can take the focus stands outside of such pieces, so that an
 * update never takes it away.
 */
export function live(id: string, content: unknown): Markup {
  return html`<div id="${id}" data-live>${content}</div> `
}

/** A peer id without its middle, which differs enough between the peers of one network. */
export function shortPeerId(peerId: string): string {
  return peerId.length > 20 ? `${peerId.slice(0, 8)}…${peerId.slice(-6)}` : peerId
}
