const MAX_COLUMNS = 80
const MIN_COLUMNS = 40

/** How many columns text may take: a terminal's own, within what is well read. */
export function textColumns(columns = MAX_COLUMNS): number {
  return Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS)
}

/**
 * Breaks one line at its spaces. A word that is longer than a line, such as an address, stays whole.
 *
 * @param first before the first line
 * @param others before the others, as long as `first`
 */
export function wrapped(text: string, columns: number, first = '', others = ' '.repeat(first.length)): string {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(/\s+/u).filter((piece) => piece !== '')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = others
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join('\n')
}
