import { isUtf8 } from 'node:buffer'
import { readMetadata, readSample, skipBlanks, type Metadata, type Sample, type Unreadable } from './exposition-line.ts'

/** What an exposition says of one metric that was asked for. */
export interface Family {
  type?: string
  help?: string
  samples: Sample[]
  /** What breaks the format's rules about a family, in words. */
  mistakes: Set<string>
}

/** The part of an exposition that was asked for. */
export interface Exposition {
  /** By the name in HELP, TYPE and samples; only wanted ones that are there. */
  families: ReadonlyMap<string, Family>
  /** Other names that begin with the wanted prefix, as many as are kept. */
  otherNames: ReadonlySet<string>
  /** What is wrong with the text as a whole, in words. */
  problems: readonly string[]
  /** False for a text that has lines, and none of them is of the format. */
  isReadable: boolean
  /** It ends in OpenMetrics' `# EOF`. */
  hasEnd: boolean
}

export interface ExpositionParser {
  push(chunk: Uint8Array): void
  end(): Exposition
}

export interface ParserOptions {
  /** The names of the metrics to keep. */
  wanted: Iterable<string>
  /** Of what begins with it, the names are kept too, so that a near miss can be told. */
  prefix: string
}

/** Longer lines are passed over: a series of the wanted metrics has some hundred bytes. */
export const MAX_LINE_BYTES = 16 * 1024
/** More series of one metric than there are peers in any network. */
export const MAX_SAMPLES = 1_000
const MAX_OTHER_NAMES = 200
const TOO_MANY = `it has more than ${MAX_SAMPLES} series, and the rest was not read`
const LINE_FEED = 0x0a
const PART = /_(?:bucket|sum|count)$/

/**
 * Parses Prometheus' text format, piece by piece and tolerantly. Whatever is pushed, it keeps at most `MAX_SAMPLES` series of each
 * wanted metric and one line of at most `MAX_LINE_BYTES`; it never throws, and takes time linear in the bytes.
 */
export function createExpositionParser({ wanted, prefix }: ParserOptions): ExpositionParser {
  const reader = createLineReader(new Set(wanted), prefix)
  const lines = createLineSplitter(reader.read)
  return {
    push: lines.push,
    end() {
      const { longLines, hasOpenLine } = lines.end()
      return reader.exposition(longLines, hasOpenLine)
    },
  }
}

function createLineSplitter(onLine: (line: Buffer) => void) {
  const kept = Buffer.allocUnsafe(MAX_LINE_BYTES)
  let length = 0
  let longLines = 0
  const keep = (part: Uint8Array): void => {
    // Only the length goes on counting in a line that is too long.
    if (length + part.length <= MAX_LINE_BYTES) kept.set(part, length)
    length += part.length
  }
  const finish = (): void => {
    if (length > MAX_LINE_BYTES) longLines++
    else onLine(kept.subarray(0, length))
    length = 0
  }
  return {
    push(chunk: Uint8Array): void {
      let start = 0
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        keep(chunk.subarray(start, end))
        finish()
        start = end + 1
      }
      keep(chunk.subarray(start))
    },
    end() {
      const hasOpenLine = length > 0
      if (hasOpenLine) finish()
      return { longLines, hasOpenLine }
    },
  }
}

function createLineReader(wanted: ReadonlySet<string>, prefix: string) {
  const families = createFamilies(wanted, prefix)
  let lineNumber = 0
  let readable = 0
  let unreadable = 0
  let firstWrong = ''
  let invalidUtf8 = 0
  let hasEnd = false

  const take = (line: string): Metadata | Sample | Unreadable | undefined => {
    const start = skipBlanks(line, 0)
    if (start === line.length) return undefined
    if (line[start] === '#') {
      hasEnd = line === '# EOF'
      return readMetadata(line)
    }
    hasEnd = false
    return readSample(line)
  }
  return {
    read(bytes: Buffer): void {
      lineNumber++
      if (!isUtf8(bytes)) invalidUtf8++
      const item = take(bytes.toString('utf8'))
      if (item === undefined) return
      if ('wrong' in item) {
        if (unreadable++ === 0) firstWrong = `line ${lineNumber}: ${item.wrong}`
        return
      }
      readable++
      if ('keyword' in item) families.addMetadata(item)
      else families.addSample(item)
    },
    exposition(longLines: number, hasOpenLine: boolean): Exposition {
      const problems = [
        ...(invalidUtf8 > 0 ? [`${lines(invalidUtf8)} not valid UTF-8`] : []),
        ...(unreadable > 0 ? [`${lines(unreadable)} not of the text format; ${firstWrong}`] : []),
        ...(longLines > 0 ? [`${lines(longLines)} longer than ${MAX_LINE_BYTES} bytes, which is not read`] : []),
        ...(hasOpenLine ? ['the last line has no line break at its end'] : []),
      ]
      const isReadable = readable > 0 || unreadable + longLines === 0
      return { families: families.byName, otherNames: families.otherNames, problems, isReadable, hasEnd }
    },
  }
}

function lines(count: number): string {
  return count === 1 ? '1 line is' : `${count} lines are`
}

function createFamilies(wanted: ReadonlySet<string>, prefix: string) {
  const byName = new Map<string, Family>()
  const otherNames = new Set<string>()
  const series = new Set<string>()

  const familyOf = (name: string): Family | undefined => {
    const whole = wanted.has(name) ? name : name.replace(PART, '')
    if (!wanted.has(whole)) return undefined
    let family = byName.get(whole)
    if (family === undefined) byName.set(whole, (family = { samples: [], mistakes: new Set() }))
    return family
  }
  const noteOther = (name: string): void => {
    if (name.startsWith(prefix) && otherNames.size < MAX_OTHER_NAMES) otherNames.add(name)
  }
  return {
    byName,
    otherNames,
    addMetadata({ keyword, name, text }: Metadata): void {
      const family = familyOf(name)
      if (family === undefined) return noteOther(name)
      if (family.samples.length > 0) family.mistakes.add(`its ${keyword} line comes after its series`)
      const key = keyword === 'HELP' ? 'help' : 'type'
      if (family[key] === undefined) family[key] = text
      else family.mistakes.add(`it has two ${keyword} lines`)
    },
    addSample(sample: Sample): void {
      const family = familyOf(sample.name)
      if (family === undefined) return noteOther(sample.name)
      if (family.samples.length >= MAX_SAMPLES) {
        family.mistakes.add(TOO_MANY)
        return
      }
      const key = JSON.stringify([sample.name, [...sample.labels].map(String).sort()])
      if (series.has(key)) family.mistakes.add('it has a series twice')
      else {
        series.add(key)
        family.samples.push(sample)
      }
    },
  }
}
