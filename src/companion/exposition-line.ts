import { quoted } from './quoted.ts'

/** One series at one moment. */
export interface Sample {
  /** With the suffix of a histogram's or summary's part, such as `_bucket`. */
  name: string
  labels: ReadonlyMap<string, string>
  value: number
}

/** What follows `# HELP` or `# TYPE`. */
export interface Metadata {
  keyword: 'HELP' | 'TYPE'
  name: string
  text: string
}

/** A number has fewer characters, and what has more is not worth a look. */
const MAX_NUMBER_LENGTH = 64

/** What is wrong with a line. */
export interface Unreadable {
  wrong: string
}

/**
 * Reads a line of the text format that is not a comment, in time linear in its length. Timestamps and OpenMetrics' exemplars are
 * passed over.
 */
export function readSample(line: string): Sample | Unreadable {
  const start = skipBlanks(line, 0)
  const nameEnd = endOfName(line, start)
  if (nameEnd === start) return { wrong: `${quoted(line)} does not begin with the name of a metric` }
  const name = line.slice(start, nameEnd)
  let at = skipBlanks(line, nameEnd)
  let labels: ReadonlyMap<string, string> = new Map()
  if (line[at] === '{') {
    const read = readLabels(line, at + 1)
    if ('wrong' in read) return read
    labels = read.labels
    at = skipBlanks(line, read.end)
  } else if (at === nameEnd) return { wrong: `${quoted(line)} has no value` }
  const valueEnd = endOfWord(line, at)
  const value = numberOf(line.slice(at, valueEnd))
  if (value === undefined) return { wrong: `${quoted(line.slice(at, valueEnd))} is not a number, in ${quoted(line)}` }
  const rest = skipBlanks(line, valueEnd)
  const restEnd = endOfWord(line, rest)
  const hasTimestamp = restEnd > rest && numberOf(line.slice(rest, restEnd)) !== undefined
  const tail = hasTimestamp ? skipBlanks(line, restEnd) : rest
  if (tail < line.length && line[tail] !== '#') return { wrong: `${quoted(line.slice(tail))} follows a value` }
  return { name, labels, value }
}

/** Reads a line that begins with `#`; undefined when it is any other comment. */
export function readMetadata(line: string): Metadata | undefined {
  const keywordAt = skipBlanks(line, skipBlanks(line, 0) + 1)
  const keyword = line.slice(keywordAt, keywordAt + 4)
  if (keyword !== 'HELP' && keyword !== 'TYPE') return undefined
  const nameAt = skipBlanks(line, keywordAt + 4)
  const nameEnd = endOfName(line, nameAt)
  if (nameAt === keywordAt + 4 || nameEnd === nameAt) return undefined
  const name = line.slice(nameAt, nameEnd)
  const textAt = skipBlanks(line, nameEnd)
  if (keyword === 'HELP') return { keyword, name, text: unescaped(line.slice(textAt)) }
  return { keyword, name, text: line.slice(textAt, endOfWord(line, textAt)) }
}

function readLabels(line: string, start: number): { labels: Map<string, string>; end: number } | Unreadable {
  const labels = new Map<string, string>()
  const malformed = { wrong: `the labels are malformed in ${quoted(line)}` }
  let at = skipBlanks(line, start)
  while (line[at] !== '}') {
    const nameEnd = endOfName(line, at)
    const equals = skipBlanks(line, nameEnd)
    const open = skipBlanks(line, equals + 1)
    if (nameEnd === at || line[equals] !== '=' || line[open] !== '"') return malformed
    const close = endOfQuotedText(line, open + 1)
    if (close === undefined) return malformed
    const name = line.slice(at, nameEnd)
    if (labels.has(name)) return { wrong: `the label ${quoted(name)} is there twice in ${quoted(line)}` }
    labels.set(name, unescaped(line.slice(open + 1, close)))
    at = skipBlanks(line, close + 1)
    if (line[at] === ',') at = skipBlanks(line, at + 1)
    else if (line[at] !== '}') return malformed
  }
  return { labels, end: at + 1 }
}

/** The next place that is no blank. Other white space is no blank: Prometheus refuses it. */
export function skipBlanks(line: string, at: number): number {
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function endOfWord(line: string, at: number): number {
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at++
  return at
}

function endOfName(line: string, start: number): number {
  let at = start
  while (at < line.length && isNameCharacter(line.charCodeAt(at), at === start)) at++
  return at
}

/** Letters, `_`, `:`, and behind the first place digits. */
function isNameCharacter(code: number, isFirst: boolean): boolean {
  const lower = code | 0x20
  if ((lower >= 0x61 && lower <= 0x7a) || code === 0x5f || code === 0x3a) return true
  return !isFirst && code >= 0x30 && code <= 0x39
}

function endOfQuotedText(line: string, start: number): number | undefined {
  for (let at = start; at < line.length; at++) {
    if (line[at] === '"') return at
    if (line[at] === '\\') at++
  }
  return undefined
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

/** Decimal, `NaN`, or infinite, as the text format has them; JavaScript would read more. */
export function numberOf(text: string): number | undefined {
  if (text === '' || text.length > MAX_NUMBER_LENGTH) return undefined
  if (/^[-+.0-9eE]+$/.test(text)) {
    const value = Number(text)
    return Number.isNaN(value) ? undefined : value
  }
  const word = text.toLowerCase()
  if (word === 'nan') return Number.NaN
  if (/^[+-]?inf(?:inity)?$/.test(word)) return word.startsWith('-') ? -Infinity : Infinity
  return undefined
}
