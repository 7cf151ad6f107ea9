import fc from 'fast-check'

interface Edit<Piece> {
  at: number
  removed: number
  inserted: Piece
  copied: number
}

function edits<Piece>(pieces: fc.Arbitrary<Piece>): fc.Arbitrary<Edit<Piece>[]> {
  const edit = fc.record({
    at: fc.nat(),
    removed: fc.oneof(fc.constant(0), fc.nat({ max: 60 })),
    inserted: pieces,
    copied: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 60 })),
  })
  return fc.array(edit, { maxLength: 6 })
}

/** Some that are right, or a reader that refuses everything would pass; and some that never were. */
function mostly<Input>(
  mutated: fc.Arbitrary<Input>,
  right: fc.Arbitrary<Input>,
  noise: fc.Arbitrary<Input>,
): fc.Arbitrary<Input> {
  return fc.oneof({ weight: 8, arbitrary: mutated }, { weight: 1, arbitrary: right }, { weight: 1, arbitrary: noise })
}

/** What readers of texts stumble over. */
const WORDS = '__proto__ constructor toString hasOwnProperty prototype << null true ~ 0 -1 1e999 0x10 NaN Infinity'
const MARKS = '[ ] { } " \' , # % @ ` \\ *a &a'
const TOKENS = [
  ...`${WORDS} ${MARKS}`.split(' '),
  '*a\n',
  '<<: *a\n',
  '- ',
  '? ',
  ': ',
  '!!binary ',
  '!!js/function ',
  '%YAML 9.9\n',
  '---\n',
  '...\n',
  '|\n',
  '>\n',
  '\t',
  '\r\n',
  '\n',
  '\0',
  '\u202e',
  '\ufeff',
  '\u2028',
  '\ud800',
  '\u200b',
  '\x1b[2J',
  'é',
  '😀',
  '9'.repeat(64),
  '[['.repeat(500),
  '{"a":'.repeat(500),
  '- '.repeat(500),
  'a'.repeat(5_000),
  '/'.repeat(300),
]

/** Right texts with mistakes in them. */
export function mutatedText(samples: readonly string[], tokens: readonly string[] = []): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constant(''),
    fc.constantFrom(...TOKENS, ...tokens),
    fc.string({ unit: 'binary', maxLength: 6 }),
  )
  const mutated = fc.tuple(fc.constantFrom(...samples), edits(piece)).map(([sample, list]) => {
    return list.reduce((text, { at, removed, inserted, copied }) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + inserted + text.slice(place, place + copied) + text.slice(place + removed)
    }, sample)
  })
  return mostly(mutated, fc.constantFrom(...samples), fc.string({ unit: 'binary' }))
}

/** The same of bytes. */
export function mutatedBytes(samples: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    fc.constant(new Uint8Array()),
    fc.constantFrom(Uint8Array.of(0), Uint8Array.of(0xff), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)),
    fc.uint8Array({ maxLength: 6 }),
  )
  const mutated = fc.tuple(samples, edits(piece)).map(([sample, list]) => {
    return list.reduce<Uint8Array>((bytes, { at, removed, inserted, copied }) => {
      const place = at % (bytes.length + 1)
      const parts = [bytes.subarray(0, place), inserted, bytes.subarray(place, place + copied)]
      return Buffer.concat([...parts, bytes.subarray(place + removed)])
    }, sample)
  })
  return mostly(mutated, samples, fc.uint8Array({ maxLength: 300 }))
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A right value of JSON with some of its parts replaced, removed or put in twice. */
export function mutatedJson(samples: readonly unknown[]): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    fc.constantFrom<Json>(null, true, 0, -1, 1e308, '', [], {}, 'constructor', '\u202e', ['a'], 'x'.repeat(20_000)),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    // As JSON.parse makes it: a key of its own.
    fc.constant(JSON.parse('{"__proto__":{"polluted":true}}') as Json),
  )
  const steps = fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 6 }), leaf), { maxLength: 4 })
  const mutated = fc.tuple(fc.constantFrom(...samples), steps).map(([sample, list]) => {
    return list.reduce<Json>((value, [path, put]) => replaced(value, path, put), sample as Json)
  })
  return mostly<unknown>(mutated, fc.constantFrom(...samples), fc.jsonValue())
}

function replaced(value: Json, path: readonly number[], put: Json): Json {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return put
  if (Array.isArray(value)) {
    if (value.length === 0) return [put]
    const at = step % value.length
    return value.map((item, index) => (index === at ? replaced(item, rest, put) : item))
  }
  const keys = Object.keys(value)
  const key = keys[step % Math.max(1, keys.length)]
  if (key === undefined) return put
  return Object.fromEntries(
    keys.map((each) => [each, each === key ? replaced(value[each] ?? null, rest, put) : (value[each] ?? null)]),
  )
}
