import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  createExpositionParser,
  MAX_LINE_BYTES,
  MAX_SAMPLES,
  type Exposition,
} from '../../src/companion/exposition-parser.ts'
import { parseExposition } from '../support/exposition.ts'

const OPTIONS = { wanted: ['lean_a', 'lean_h'], prefix: 'lean_' }

function parse(text: string | Uint8Array, options = OPTIONS, cuts: readonly number[] = []): Exposition {
  const parser = createExpositionParser(options)
  const bytes = Buffer.from(text)
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (const [index, edge] of edges.slice(1).entries()) parser.push(bytes.subarray(edges[index], edge))
  return parser.end()
}

function samplesOf(exposition: Exposition, name = 'lean_a') {
  const samples = exposition.families.get(name)?.samples ?? []
  return samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])
}

describe('a readable line', () => {
  test.each([
    ['lean_a 1', {}, 1],
    ['  lean_a\t-2.5e3  ', {}, -2500],
    ['lean_a{} +Inf', {}, Infinity],
    ['lean_a{x="1"} -inf', { x: '1' }, -Infinity],
    ['lean_a NaN', {}, Number.NaN],
    ['lean_a { x = "1" , y="2", } .5', { x: '1', y: '2' }, 0.5],
    ['lean_a{x="a\\"b\\\\c\\nd\\e}"} 1 1700000000000', { x: 'a"b\\c\nd\\e}' }, 1],
    ['lean_a{x="1"} 3 # {trace_id="7"} 0.1 1.5', { x: '1' }, 3],
    ['lean_a{x="\u{1F680}"} 1 1700000000.5', { x: '\u{1F680}' }, 1],
  ])('%j is one series', (line, labels, value) => {
    const exposition = parse(`${line}\n`)
    expect(exposition.problems).toEqual([])
    expect(samplesOf(exposition)).toEqual([['lean_a', labels, value]])
  })

  test('of metadata gives type and help, with escapes', () => {
    const { families } = parse('#  HELP lean_a  a\\nb\\\\c \n# TYPE\tlean_a gauge \n#HELP lean_h x\n# a HELP\n')
    expect(families.get('lean_a')).toMatchObject({ help: 'a\nb\\c ', type: 'gauge' })
    expect(families.get('lean_h')).toMatchObject({ help: 'x' })
  })

  test('of a part of a histogram belongs to the histogram', () => {
    const exposition = parse('lean_h_bucket{le="1"} 2\nlean_h_sum 1\nlean_h_count 2\n')
    expect(samplesOf(exposition, 'lean_h').map(([name]) => name)).toEqual([
      'lean_h_bucket',
      'lean_h_sum',
      'lean_h_count',
    ])
  })

  test('of a name that is not wanted is not kept, but its name is when it has the prefix', () => {
    const { families, otherNames } = parse('lean_b 1\n# TYPE lean_c gauge\nother 1\n')
    expect([...families]).toEqual([])
    expect([...otherNames]).toEqual(['lean_b', 'lean_c'])
  })
})

describe('an unreadable line', () => {
  test.each([
    ['lean_a', '"lean_a" has no value'],
    ['lean_a 1x', '"1x" is not a number, in "lean_a 1x"'],
    ['lean_a 0x10', '"0x10" is not a number, in "lean_a 0x10"'],
    ['lean_a 5\r', '"5\\u{d}" is not a number, in "lean_a 5\\u{d}"'],
    ['lean_a 1 2 3', '"3" follows a value'],
    ['lean_a 1 x', '"x" follows a value'],
    ['lean_a{x="1} 1', 'the labels are malformed in "lean_a{x="1} 1"'],
    ['lean_a{x=1} 1', 'the labels are malformed in "lean_a{x=1} 1"'],
    ['lean_a{x="1"', 'the labels are malformed in "lean_a{x="1""'],
    ['lean_a{x="1" y="2"} 1', 'the labels are malformed in "lean_a{x="1" y="2"} 1"'],
    ['lean_a{x="1",x="2"} 1', 'the label "x" is there twice in "lean_a{x="1",x="2"} 1"'],
    ['{"lean_a"} 1', '"{"lean_a"} 1" does not begin with the name of a metric'],
    ['\u{feff}lean_a 1', '"\\u{feff}lean_a 1" does not begin with the name of a metric'],
    ['9a 1', '"9a 1" does not begin with the name of a metric'],
  ])('%j is told with its number', (line, wrong) => {
    const exposition = parse(`lean_h 1\n${line}\n`)
    expect(exposition.problems).toEqual([`1 line is not of the text format; line 2: ${wrong}`])
    expect(samplesOf(exposition)).toEqual([])
    expect(exposition.isReadable).toBe(true)
  })

  test('leaves nothing readable when there is no other', () => {
    expect(parse('<html>\n<body>\n').isReadable).toBe(false)
    expect(parse('').isReadable).toBe(true)
    expect(parse('x'.repeat(MAX_LINE_BYTES + 1)).isReadable).toBe(false)
  })
})

describe('an exposition', () => {
  test('is told to be no UTF-8, and read all the same', () => {
    const exposition = parse(
      Buffer.concat([Buffer.from('lean_a{x="'), Buffer.from([0xc3, 0x28]), Buffer.from('"} 1\n')]),
    )
    expect(exposition.problems).toEqual(['1 line is not valid UTF-8'])
    expect(samplesOf(exposition)).toEqual([['lean_a', { x: '\u{fffd}(' }, 1]])
  })

  test('is told to have no line break at its end', () => {
    const exposition = parse('lean_a 1')
    expect(exposition.problems).toEqual(['the last line has no line break at its end'])
    expect(samplesOf(exposition)).toEqual([['lean_a', {}, 1]])
  })

  test('ends in # EOF only where nothing follows it', () => {
    expect(parse('lean_a 1\n# EOF\n').hasEnd).toBe(true)
    expect(parse('# EOF\nlean_a 1\n').hasEnd).toBe(false)
    expect(parse('# UNIT lean_a peers\nlean_a 1\n').hasEnd).toBe(false)
  })

  test('with a line that is too long loses only that line', () => {
    const long = `lean_a{x="${'y'.repeat(MAX_LINE_BYTES)}"} 1`
    const exposition = parse(`${long}\nlean_a 2\n`, OPTIONS, [10, 5_000, 16_000])
    expect(exposition.problems).toEqual([`1 line is longer than ${MAX_LINE_BYTES} bytes, which is not read`])
    expect(samplesOf(exposition)).toEqual([['lean_a', {}, 2]])
  })

  test('keeps a bounded number of series and of other names', () => {
    const many = Array.from({ length: MAX_SAMPLES + 5 }, (_, index) => `lean_a{x="${index}"} 1\nlean_z${index} 1`)
    const { families, otherNames } = parse(`${many.join('\n')}\n`)
    expect(families.get('lean_a')?.samples).toHaveLength(MAX_SAMPLES)
    expect([...(families.get('lean_a')?.mistakes ?? [])]).toEqual([
      `it has more than ${MAX_SAMPLES} series, and the rest was not read`,
    ])
    expect(otherNames.size).toBe(200)
  })

  test('counts a series that is there twice once, and tells it', () => {
    const exposition = parse('lean_a{x="1",y="2"} 1\nlean_a{y="2",x="1"} 5\n')
    expect(samplesOf(exposition)).toEqual([['lean_a', { x: '1', y: '2' }, 1]])
    expect([...(exposition.families.get('lean_a')?.mistakes ?? [])]).toEqual(['it has a series twice'])
  })

  test('tells metadata that come twice or late', () => {
    const { families } = parse('# TYPE lean_a gauge\n# TYPE lean_a counter\nlean_a 1\n# HELP lean_a x\n')
    expect(families.get('lean_a')).toMatchObject({ type: 'gauge', help: 'x' })
    expect([...(families.get('lean_a')?.mistakes ?? [])]).toEqual([
      'it has two TYPE lines',
      'its HELP line comes after its series',
    ])
  })
})

describe('whatever the bytes are', () => {
  const pieces = ['lean_a', '{x="', '"}', '\\', '"', ' ', '\n', '# HELP lean_a ', '# TYPE ', '1', 'NaN', '\u202e', ',']
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 60 })
      .map((parts) => Buffer.from(parts.join(''))),
  )

  test('parsing does not throw, and does not depend on how they are cut', () => {
    fc.assert(
      fc.property(noise, fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        expect(parse(bytes, OPTIONS, cuts)).toEqual(parse(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('what is told of them can be printed', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        expect(parse(bytes).problems.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
      }),
      { numRuns: 500 },
    )
  })
})

test("reads leanmesh's own scrape as the strict parser does", () => {
  const text = readFileSync(new URL('../golden/three-networks.txt', import.meta.url), 'utf8')
  const strict = parseExposition(text)
  const { families, problems } = parse(text, { wanted: strict.map(({ name }) => name), prefix: 'lean' })
  expect(problems).toEqual([])
  for (const { name, type, help, samples } of strict) {
    expect([name, families.get(name)]).toEqual([name, { type, help, samples, mistakes: new Set() }])
  }
})
