import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportError } from '../../src/cli/report-error.ts'
import { envOf, flagOf } from '../../src/config/setting.ts'
import { settingKeys, settingOf } from '../../src/config/settings-table.ts'
import { runCommandLine } from '../support/command-line.ts'
import { fixture } from '../support/settings.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leanmesh-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('help', () => {
  test('names every flag, its variable and its default, in at most 100 columns', async () => {
    const { code, stdout } = await runCommandLine(['run', '--help'])
    expect(code).toBe(0)
    const words = stdout.replaceAll(/\s+/g, ' ')
    for (const key of settingKeys()) {
      const setting = settingOf(key)
      const value = setting.bare === undefined ? `<${setting.metavar}>` : `[${setting.metavar}]`
      expect(words).toContain(`${flagOf(key, setting)} ${value}`)
      expect(words).toContain(`[${envOf(key, setting)}`)
      if (typeof setting.default === 'string') expect(words).toContain(`default: ${setting.default}]`)
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test.each([
    ['--help', [['-h'], ['help']]],
    [
      'check --help',
      [
        ['check', '-h'],
        ['help', 'check'],
      ],
    ],
    [
      'names --help',
      [
        ['names', '-h'],
        ['help', 'names'],
      ],
    ],
  ])('is also printed by every other way to ask for `leanmesh %s`', async (long, others) => {
    const help = await runCommandLine(long.split(' '))
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const args of others) expect(await runCommandLine(args)).toEqual(help)
  })

  test('of check says that it opens no port', async () => {
    const { stdout } = await runCommandLine(['check', '--help'])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('It does not try to open ports.')
  })

  test('lists the five commands', async () => {
    const { code, stdout } = await runCommandLine(['--help'])
    expect(code).toBe(0)
    for (const command of ['run', 'check', 'health', 'names', 'identity'])
      expect(stdout).toContain(`\n  ${command} [options]`)
  })
})

describe('a wrong command line', () => {
  test.each([
    [['check', '--htp-port', '1'], /^leanmesh: unknown option '--htp-port'\n\(Did you mean --http-port\?\)/],
    [['chek'], /^leanmesh: unknown command 'chek'\n\(Did you mean check\?\)/],
    [['check', 'extra'], /^leanmesh: too many arguments/],
    [['check', '--http-port'], /^leanmesh: option '--http-port <PORT>' argument missing/],
    [['names'], /^leanmesh: required option '--genesis <DIR>' not specified/],
    [['identity'], /^leanmesh: required option '--out <FILE>' not specified/],
    [['check', '--\u001b[2Jx'], /^leanmesh: unknown option '-- \[2Jx'/],
    [[], /^Usage: leanmesh/],
  ])('%j exits with 2 and says what is wrong', async (args, message) => {
    const { code, stdout, stderr } = await runCommandLine(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

describe('leanmesh names', () => {
  test('writes the expected table to standard output, without a private key', async () => {
    const { code, stdout } = await runCommandLine(['names', '--genesis', fixture('genesis')])
    expect(code).toBe(0)
    expect(stdout).toBe(await readFile(fixture('genesis', 'expected-names.json'), 'utf8'))
    expect(stdout).not.toMatch(/[0-9a-f]{64}/i)
  })

  test('writes the same to a file, in one step and over an older one', async () => {
    const out = join(folder, 'names.json')
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await runCommandLine(['names', '--genesis', fixture('genesis'), '--out', out])
      expect({ code, stdout }).toEqual({ code: 0, stdout: `wrote 4 names to ${out}\n` })
    }
    expect(await readFile(out, 'utf8')).toBe(await readFile(fixture('genesis', 'expected-names.json'), 'utf8'))
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
    const { code } = await runCommandLine(['check', '--names', out])
    expect(code).toBe(0)
  })

  test('warns of a file without validators, and of the table that comes of it', async () => {
    const genesis = join(folder, 'nobody')
    const [config, out] = [join(genesis, 'validator-config.yaml'), join(genesis, 'names.json')]
    await mkdir(genesis)
    await writeFile(config, 'validators: []\n', { mode: 0o600 })
    const { code, stderr } = await runCommandLine(['names', '--genesis', genesis, '--out', out])
    expect({ code, stderr }).toEqual({ code: 0, stderr: `warning: no validators found in ${config}\n` })
    const check = await runCommandLine(['check', '--devnet', '1', '--names', out])
    expect(check.code).toBe(0)
    expect(check.stderr).toMatch(/^warning: names \(--names\): .+names\.json has no names in it, so every peer counts/)
  })

  test('writes over nothing but a names table', async () => {
    const genesis = join(folder, 'genesis')
    await mkdir(genesis)
    for (const name of ['validator-config.yaml', 'nodes.yaml', 'config.yaml']) {
      await copyFile(fixture('genesis', name), join(genesis, name))
    }
    await writeFile(join(genesis, 'k.key'), `${'5'.repeat(64)}\n`)
    await writeFile(join(genesis, 'cut-off.json'), await readFile(fixture('names', 'names-cut-off.json')))
    const files = await readdir(genesis)
    for (const name of files) {
      const out = join(genesis, name)
      const before = await readFile(out, 'utf8')
      const { code, stdout, stderr } = await runCommandLine(['names', '--genesis', genesis, '--out', out])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(`leanmesh: --out ${out} exists and cannot be read as a names table, so nothing`)
      expect(await readFile(out, 'utf8')).toBe(before)
    }
    expect((await runCommandLine(['names', '--genesis', genesis, '--out', genesis])).code).toBe(2)
    expect(await readdir(genesis)).toEqual(files)
  })

  test.each([
    [['--genesis', '/there/is/none'], /^leanmesh: cannot read .+validator-config\.yaml: there is no such file\n$/],
    [
      ['--genesis', fixture('genesis'), '--out', '/there/is/none/x'],
      /^leanmesh: cannot write .+: its folder does not exist\n$/m,
    ],
  ])('%j exits with 2', async (args, message) => {
    const { code, stderr } = await runCommandLine(['names', ...args])
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('leanmesh identity', () => {
  test('makes a key file once, and prints its peer id and public key', async () => {
    const out = join(folder, 'sidecar.key')
    const { code, stdout, stderr } = await runCommandLine(['identity', '--out', out])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^peer id {5}16Uiu2HA\w{45}\npublic key {2}0[23][0-9a-f]{64}\n$/)
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    const key = (await readFile(out, 'utf8')).trim()
    expect(stdout).not.toContain(key)
    const again = await runCommandLine(['identity', '--out', out])
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('exists already, and a key is never written over; choose another path')
    expect((await readFile(out, 'utf8')).trim()).toBe(key)
  })
})

describe('an unexpected error', () => {
  test('is one line that asks for a report, with the stack only at log level debug', () => {
    let stderr = ''
    const output = { write: (text: string) => void (stderr += text) }
    const io = { stdout: output, stderr: output, env: {} }
    expect(reportError(new TypeError('x is\nnot a function'), io, false)).toBe(1)
    expect(stderr).toBe(
      'leanmesh: unexpected error: x is not a function; this is a bug, please report it (`--log-level debug` shows where)\n',
    )
    reportError(new TypeError('x'), io, true)
    expect(stderr).toMatch(/\n {4}at /)
  })
})
