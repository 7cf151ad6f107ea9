/** One line of a table: a text or number for each column. A number has its decimals chosen by the caller. */
export type Row = Readonly<Record<string, string>>

/** Prints rows as a Markdown table, padded, so that it reads in a terminal and can be pasted. */
export function printTable(title: string, rows: readonly Row[]): void {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => columns.map((column) => row[column] ?? ''))
  const widths = columns.map((column, at) => Math.max(column.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const line = (texts: readonly string[]) => `| ${texts.map((text, at) => pad(text, widths[at] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  console.log(`\n${title}\n\n${[line(columns), rule, ...cells.map(line)].join('\n')}`)
}

/** Numbers to the right, texts to the left. */
function pad(text: string, width: number): string {
  return /^[-0-9]/.test(text) ? text.padStart(width) : text.padEnd(width)
}

/** A number with these decimals, or a dash when there is none. */
export function figure(value: number | undefined, decimals = 0): string {
  if (value === undefined || Number.isNaN(value)) return '-'
  const text = value.toFixed(decimals)
  // No -0.
  return Number(text) === 0 ? text.replace('-', '') : text
}

/** What a goal says beside its figure. */
export function verdict(value: number, goal: number): string {
  if (Number.isNaN(value)) return 'not measured'
  return value <= goal ? 'reached' : 'MISSED'
}
