import { describe, expect, test } from 'vitest'
import { checkValue } from '../../src/config/check-value.ts'
import { envOf, flagOf } from '../../src/config/setting.ts'
import { settingKeys, settingOf } from '../../src/config/settings-table.ts'

const rows = settingKeys().map((key) => [key, settingOf(key)] as const)

describe('the table of settings', () => {
  test('has no flag and no variable twice', () => {
    const flags = rows.map(([key, setting]) => flagOf(key, setting))
    const variables = rows.map(([key, setting]) => envOf(key, setting))
    expect(new Set(flags).size).toBe(rows.length)
    expect(new Set(variables).size).toBe(rows.length)
  })

  test('has the flags that were promised', () => {
    const flags = rows.map(([key, setting]) => flagOf(key, setting))
    const promised =
      '--config --network --listen --identity --peers --companion --topics --fork-digest --names --genesis --http-host --http-port --devnet --log-level'
    expect(flags).toEqual(expect.arrayContaining(promised.split(' ')))
  })

  test.each(rows)('%s: its default and its example are right by its own schema', (_key, setting) => {
    const texts = [setting.example, ...(setting.default === undefined ? [] : [setting.default].flat())]
    for (const text of texts) expect(setting.schema.safeParse(text).success, text).toBe(true)
    expect(setting.help).not.toMatch(/\.$/)
    expect(setting.expects).not.toMatch(/\.$/)
  })

  test.each([
    ['127.0.0.1', true],
    ['::', true],
    ['localhost', true],
    ['metrics.devnet-4.svc', true],
    ['127.0.0.256', false],
    ['9464', false],
    ['http://localhost', false],
    ['localhost:9464', false],
    ['-x', false],
  ])('%s as the HTTP host is accepted: %s', (text, isRight) => {
    expect(settingOf('http.host').schema.safeParse(text).success).toBe(isRight)
  })

  test('a list with too few or too many items is a problem', () => {
    const problems: unknown[] = []
    checkValue('topics', { where: 'x', items: [] }, (problem) => problems.push(problem))
    const items = Array.from({ length: 129 }, (_, index) => ({ text: `attestation_${index}`, where: 'x' }))
    checkValue('topics', { where: 'x', items }, (problem) => problems.push(problem))
    expect(problems).toMatchObject([
      { setting: 'topics', where: 'x', wrong: 'it has 0 items, and the least is 1' },
      { setting: 'topics', where: 'x', wrong: 'it has 129 items, and the most is 128' },
    ])
  })
})
