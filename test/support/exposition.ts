/** One family of a Prometheus exposition. */
export interface ParsedFamily {
  name: string
  type: string
  help: string
  samples: { name: string; labels: Map<string, string>; value: number }[]
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$/s
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/y
const SUFFIXES: Record<string, string[]> = { histogram: ['_bucket', '_count', '_sum'] }

/**
 * Parses Prometheus' text format 0.0.4 more strictly than Prometheus does: HELP and TYPE before every family, families
 * and series once, samples beside their family, no reserved label.
 *
 * @throws Error with the line that breaks a rule
 */
export function parseExposition(text: string): ParsedFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families: ParsedFamily[] = []
  const series = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    try {
      parseLine(line, families, series)
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}: ${JSON.stringify(line)}`, {
        cause: error,
      })
    }
  }
  return families
}

function parseLine(line: string, families: ParsedFamily[], series: Set<string>): void {
  const family = families.at(-1)
  const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line) ?? []
  if (keyword === 'HELP') {
    if (families.some((other) => other.name === name)) throw new Error('a family twice')
    families.push({ name, type: '', help: rest, samples: [] })
  } else if (keyword === 'TYPE') {
    if (family?.name !== name || family.type !== '') throw new Error('TYPE without its HELP')
    if (!['counter', 'gauge', 'histogram', 'untyped'].includes(rest)) throw new Error('unknown type')
    family.type = rest
  } else if (!/^# (?!HELP|TYPE)/.test(line)) parseSample(line, family, series)
}

function parseSample(line: string, family: ParsedFamily | undefined, series: Set<string>): void {
  const [, name, labelText, value] = SAMPLE.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error('neither metadata nor a sample')
  if (family === undefined || family.type === '') throw new Error('a sample without metadata')
  const allowed = SUFFIXES[family.type]?.map((suffix) => family.name + suffix) ?? [family.name]
  if (!allowed.includes(name)) throw new Error('a sample away from its family')
  const labels = parseLabels(labelText ?? '')
  const key = JSON.stringify([name, [...labels].map(String).sort()])
  if (series.has(key)) throw new Error('a series twice')
  series.add(key)
  family.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) })
}

function parseLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>()
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error('a malformed label')
    if (labels.has(name)) throw new Error('a label twice')
    if (name.startsWith('__')) throw new Error('a reserved label')
    labels.set(
      name,
      value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    )
  }
  return labels
}
