import { expect, test } from 'vitest'
import { NAME_PATTERN, UNKNOWN_NAME } from '../../src/mesh/names.ts'

test.each(['zeam_0', 'zeam_17', 'a_0', 'lean-client2_3'])('%s is a name', (name) => {
  expect(NAME_PATTERN.test(name)).toBe(true)
})

test.each(['zeam_', 'zeam', '_0', '0zeam_0', 'Zeam_0', 'zeam_0 ', 'zeam_0_1', 'zeam_x', `zeam_0\n`, UNKNOWN_NAME])(
  '%j is none',
  (name) => {
    expect(NAME_PATTERN.test(name)).toBe(false)
  },
)
