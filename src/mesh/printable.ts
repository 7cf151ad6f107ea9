/** Characters that draw nothing or move what is drawn after them: control and format characters, lone surrogates. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Text that came from a peer or a file, safe to place in a page: what could reorder or hide its neighbours becomes a
 * visible replacement character. Markup is escaped where the text is put into HTML.
 */
export function printable(text: string, maxLength = 300): string {
  const visible = text.replaceAll(INVISIBLE, '\u{FFFD}')
  return visible.length > maxLength ? `${visible.slice(0, maxLength - 1).toWellFormed()}…` : visible
}

/** Printable ASCII, which needs no care wherever it is shown; anything else becomes a question mark. */
export function printableAscii(text: string, maxLength: number): string {
  const printable = text.slice(0, maxLength + 1).replaceAll(/[^ -~]/g, '?')
  return printable.length > maxLength ? `${printable.slice(0, maxLength - 3)}...` : printable
}
