import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { version } from '../../src/version.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function leanmesh(...args: string[]): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LEANMESH_')))
  const { promise, resolve } = Promise.withResolvers<Ended>()
  execFile(process.execPath, [MAIN, ...args], { env, timeout: 15_000 }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
  })
  return promise
}

describe('the leanmesh process', () => {
  test('prints its version', async () => {
    expect(await leanmesh('--version')).toEqual({ code: 0, stdout: `leanmesh ${version}\n`, stderr: '' })
  })

  test('checks settings and exits by itself', async () => {
    const { code, stdout } = await leanmesh('check', '--devnet', '4')
    expect(code).toBe(0)
    expect(stdout).toContain('devnet       4 local peers')
  })

  test('warns of a run in the log, in its format and at its level', async () => {
    // Nobody has this address, so the run ends by itself.
    const run = ['run', '--http-host', '192.0.2.1', '--http-port', '0', '--log-format']
    const json = await leanmesh(...run, 'json')
    expect(json.code).toBe(1)
    expect(json.stderr).toMatch(/^\{"level":"warn",.+"msg":"network 0 has no peers: .+"\}$/m)
    const text = await leanmesh(...run, 'text')
    expect(text.stderr).toMatch(/^[\d:.]+ warn {2}network 0 has no peers: /m)
    const silent = await leanmesh(...run, 'text', '--log-level', 'silent')
    expect(silent.stderr).toMatch(/^leanmesh: 192\.0\.2\.1.+\n$/)
    expect(`${json.stderr}${text.stderr}`).not.toContain('warning: ')
  })

  test('exits with 2 and without a stack for bad input', async () => {
    for (const args of [['--bogus'], ['check', '--http-port', 'x'], ['run', '--config', '/there/is/none.yaml']]) {
      const { code, stderr } = await leanmesh(...args)
      expect(code).toBe(2)
      expect(stderr).not.toBe('')
      expect(stderr).not.toMatch(/\n {4}at |node:internal/)
    }
  })
})
