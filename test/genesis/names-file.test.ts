import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityOfKey } from '../../src/genesis/identity.ts'
import { parseNames, readNames } from '../../src/genesis/names-file.ts'
import { FileError } from '../../src/genesis/yaml-document.ts'
import { MAX_NAMES } from '../../src/mesh/names.ts'
import { fixture } from '../support/settings.ts'

const ZEAM_0 = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
const REAM_0 = '16Uiu2HAm9ViUVSkHosi4j11gezA3T4rhh5JSXgNTAYEbF9AT1217'

/** So many names, of what are no peer ids. */
const tableOf = (size: number) =>
  new Map(Array.from({ length: size }, (_, index) => [`x${index}`, `zeam_${index}`] as const))

async function problemsOf(name: string): Promise<string[]> {
  const error: unknown = await readNames(fixture('names', name)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FileError)
  return (error as FileError).problems.map((problem) => problem.replaceAll(`${fixture('names')}/`, ''))
}

describe('a names file', () => {
  test('may be JSON or YAML', async () => {
    expect([...(await readNames(fixture('genesis', 'expected-names.json'))).values()]).toEqual([
      'zeam_0',
      'ream_0',
      'ethlambda_0',
      'lantern_0',
    ])
    expect(await readNames(fixture('names', 'names-good.yaml'))).toEqual(
      new Map([
        [ZEAM_0, 'zeam_0'],
        [REAM_0, 'ream_0'],
      ]),
    )
  })

  test.each([
    [
      'names-duplicate-name.json',
      [
        `names-duplicate-name.json:3: "zeam_0" is the name of two peers, ${ZEAM_0} (names-duplicate-name.json:2) and ${REAM_0}; give each a name of its own`,
      ],
    ],
    [
      'names-duplicate-peer-id.json',
      [
        `names-duplicate-peer-id.json:4: ${ZEAM_0} has two names, "zeam_0" (names-duplicate-peer-id.json:2) and "ream_1"; keep one of the two`,
      ],
    ],
    [
      'names-bad-name.json',
      [
        'names-bad-name.json:2: "Zeam 0" is not a name; use <client>_<N> in lower case, for example zeam_0',
        'names-bad-name.json:3: "ream" is not a name; use <client>_<N> in lower case, for example zeam_0',
      ],
    ],
    [
      'names-bad-peer-id.json',
      ['names-bad-peer-id.json:2: "16Uiu2HAmnotapeerid" is not a peer id; a peer id looks like 16Uiu2HA…'],
    ],
    ['names-a-list.json', ['names-a-list.json:1: a names file is an object {"<peer id>": "<client>_<N>"}']],
    ['names-empty.json', ['names-empty.json: the file is empty']],
  ])('%s is refused with the line and what would be right', async (name, problems) => {
    expect(await problemsOf(name)).toEqual(problems)
  })

  test('that was cut off is not taken for a shorter one', async () => {
    expect((await problemsOf('names-cut-off.json')).join()).toContain('not well-formed')
  })

  test('that is larger than its bound, or a device, is not read', async () => {
    await expect(readNames('/dev/zero')).rejects.toThrow('cannot read /dev/zero: it is not a regular file')
    const many = JSON.stringify(Object.fromEntries(tableOf(MAX_NAMES + 1)))
    expect(() => parseNames(many, 'names.json')).toThrow('2001 names are more than the limit of 2000')
  })

  test('may have 2,000 names, and peer ids that it had before are taken as they are', () => {
    const table = tableOf(MAX_NAMES)
    const written = JSON.stringify(Object.fromEntries(table))
    expect(parseNames(written, 'names.json', table)).toEqual(table)
    expect(() => parseNames(written, 'names.json', tableOf(MAX_NAMES - 1))).toThrow(
      'names.json:1: "x1999" is not a peer id',
    )
  })

  test('has names of at most 128 characters', () => {
    const named = (text: string) => parseNames(JSON.stringify({ [ZEAM_0]: text }), 'names.json')
    const longest = `${'z'.repeat(126)}_0`
    expect(named(longest).get(ZEAM_0)).toBe(longest)
    expect(() => named(`z${longest}`)).toThrow('has 129 characters; a name has at most 128')
  })

  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}_[0-9]{1,4}$/)
  const key = fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((number) => number.toString(16).padStart(64, '0'))

  test('gives back every table that was written to it', () => {
    const rows = fc.uniqueArray(fc.tuple(key, name), { selector: ([, text]) => text, maxLength: 5 })
    fc.assert(
      fc.property(rows, fc.boolean(), (entries, pretty) => {
        const table = new Map(entries.map(([hex, text]) => [identityOfKey(hex).peerId, text]))
        const written = JSON.stringify(Object.fromEntries(table), undefined, pretty ? 2 : 0)
        expect(parseNames(written, 'names.json')).toEqual(table)
      }),
      { numRuns: 30 },
    )
  })

  test('of any text gives a table or a FileError', () => {
    const almost = fc.dictionary(
      fc.constantFrom(ZEAM_0, REAM_0, '__proto__', 'x'),
      fc.oneof(name, fc.string(), fc.integer()),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          almost.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            for (const value of parseNames(text, 'names.json').values()) expect(value).toMatch(/_\d+$/)
          } catch (error) {
            expect(error).toBeInstanceOf(FileError)
          }
        },
      ),
    )
  })

  test('of the samples holds no private key', () => {
    expect(readFileSync(fixture('genesis', 'expected-names.json'), 'utf8')).not.toMatch(/[0-9a-f]{64}/)
  })
})
