import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGenesisConfig, readGenesisConfig } from '../../src/genesis/genesis-config.ts'
import { readNames } from '../../src/genesis/names-file.ts'
import { parseValidatorNames, readValidatorNames } from '../../src/genesis/validator-config.ts'
import { FileError } from '../../src/genesis/yaml-document.ts'
import { MAX_NAMES } from '../../src/mesh/names.ts'
import { fixture } from '../support/settings.ts'

describe('a genesis config.yaml', () => {
  test('gives the number of attestation subnets and the genesis time', async () => {
    const config = await readGenesisConfig(fixture('genesis', 'config.yaml'))
    expect(config).toEqual({ attestationCommitteeCount: 2, genesisTimeSeconds: 1_800_000_000 })
  })

  test('without a number of subnets has one', () => {
    expect(parseGenesisConfig('VALIDATOR_COUNT: 4', 'config.yaml')).toEqual({ attestationCommitteeCount: 1 })
  })

  test.each([
    ['ATTESTATION_COMMITTEE_COUNT: 0', 'config.yaml: ATTESTATION_COMMITTEE_COUNT must be at least 1'],
    ['ATTESTATION_COMMITTEE_COUNT: 65', 'config.yaml: ATTESTATION_COMMITTEE_COUNT must be at most 64'],
    [
      'GENESIS_TIME: 1800000000000',
      'config.yaml: GENESIS_TIME must be a time in seconds since the Unix epoch; use 1770407233 and not 1770407233000',
    ],
    ['GENESIS_TIME: soon', 'config.yaml: GENESIS_TIME must be a whole number'],
    ['ATTESTATION_COMMITTEE_COUNT: two', 'config.yaml: ATTESTATION_COMMITTEE_COUNT must be a whole number'],
    ['a: *b', 'config.yaml: an alias has no anchor before it'],
  ])('%s is refused', (text, message) => {
    expect(() => parseGenesisConfig(text, 'config.yaml')).toThrow(message)
  })
})

test('YAML that is nested too deeply is refused with its place, not as a full stack', () => {
  const text = `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`
  expect(() => parseGenesisConfig(text, 'config.yaml')).toThrow(/^config\.yaml:1: this is nested too deeply$/)
})

describe('a validator-config.yaml', () => {
  test('gives the names that were computed apart from this code, in the order of the file', async () => {
    const names = await readValidatorNames(fixture('genesis', 'validator-config.yaml'))
    const expected = await readNames(fixture('genesis', 'expected-names.json'))
    expect([...names]).toEqual([...expected])
  })

  test.each(['12'.repeat(32), `1e10${'0'.repeat(60)}`, `0x${'12'.repeat(32)}`])(
    'may have an unquoted key that looks like a number: %s',
    (key) => {
      const names = parseValidatorNames(`validators:\n  - name: zeam_0\n    privkey: ${key}\n`, 'v.yaml')
      const quoted = parseValidatorNames(`validators: [{ name: zeam_0, privkey: "${key}" }]`, 'v.yaml')
      expect(names).toEqual(quoted)
    },
  )

  const key = '2374b72b74ae807d4d6ea1b5de047b09b07ef107c65a1371a0df55310cf5f4f0'
  test.each([
    ['{}', 'v.yaml: validators must be a list of nodes with name and privkey'],
    [`validators: [{ privkey: ${key} }]`, 'v.yaml: validators.0.name has no name'],
    [`validators: [{ name: Zeam, privkey: ${key} }]`, 'v.yaml: validators.0.name must be <client>_<N> in lower case'],
    [
      `validators: [{ name: ${'z'.repeat(127)}_0, privkey: ${key} }]`,
      'v.yaml: validators.0.name is longer than 128 characters',
    ],
    [`validators: [{ name: zeam_0, privkey: ${key}0 }]`, 'v.yaml: validators.0.privkey must be 64 hex digits'],
    [
      `validators: [{ name: zeam_0, privkey: ${'f'.repeat(64)} }]`,
      'validators.0.privkey of zeam_0: the number is not a secp256k1',
    ],
    [
      `validators: [{ name: zeam_0, privkey: ${key} }, { name: ream_0, privkey: ${key} }]`,
      '"zeam_0" and "ream_0" have one private key, so one peer id',
    ],
    [
      `validators: [{ name: zeam_0, privkey: ${key} }, { name: zeam_0, privkey: ${'1'.repeat(64)} }]`,
      'validators.1.name "zeam_0" is also the name of validators.0',
    ],
    [`validators: [{ name: zeam_0, privkey: ${key} }`, 'not well-formed YAML'],
  ])('%s is refused, and no message shows a key', (text, message) => {
    let caught: unknown
    try {
      parseValidatorNames(text, 'v.yaml')
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(FileError)
    expect((caught as FileError).message).toContain(message)
    expect((caught as FileError).message).not.toContain(key)
  })

  test('has at most as many nodes as a names table has names', () => {
    const nodes = Array.from({ length: MAX_NAMES + 1 }, (_, index) => ({ name: `zeam_${index}`, privkey: key }))
    expect(() => parseValidatorNames(JSON.stringify({ validators: nodes }), 'v.yaml')).toThrow(
      'v.yaml: validators has more than 2000 nodes',
    )
  })

  test('of any text gives names or a FileError, and so does any config.yaml', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        for (const parse of [parseValidatorNames, parseGenesisConfig]) {
          try {
            parse(text, 'x.yaml')
          } catch (error) {
            expect(error).toBeInstanceOf(FileError)
          }
        }
      }),
    )
  })
})
