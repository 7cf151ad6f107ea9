import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { namesFile } from '../../src/genesis/watched-names-file.ts'

const ZEAM_0 = '16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT'
const table = (name: string): string => JSON.stringify({ [ZEAM_0]: name })

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leanmesh-names-'))
  path = join(folder, 'names.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a names file that changes', () => {
  test('is read again after it was written over, also when its size and time stay the same', async () => {
    await writeFile(path, table('zeam_0'))
    const names = namesFile(path)
    expect(names.names().size).toBe(0)
    await names.refresh()
    expect(names.names().get(ZEAM_0)).toBe('zeam_0')
    const time = new Date()
    await utimes(path, time, time)
    await names.refresh()
    await writeFile(path, table('ream_0'))
    await utimes(path, time, time)
    await names.refresh()
    expect(names.names().get(ZEAM_0)).toBe('ream_0')
  })

  test('is read again after an atomic rename', async () => {
    await writeFile(path, table('zeam_0'))
    const names = namesFile(path)
    await names.refresh()
    await writeFile(`${path}.new`, table('zeam_1'))
    await rename(`${path}.new`, path)
    await names.refresh()
    expect(names.names().get(ZEAM_0)).toBe('zeam_1')
  })

  test('is read again after the link of a ConfigMap was swapped', async () => {
    for (const name of ['zeam_0', 'zeam_1']) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'names.json'), table(name))
    }
    await symlink('zeam_0', join(folder, '..data'))
    await symlink(join('..data', 'names.json'), path)
    const names = namesFile(path)
    await names.refresh()
    await symlink('zeam_1', join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
    await names.refresh()
    expect(names.names().get(ZEAM_0)).toBe('zeam_1')
  })

  test('keeps the last good table while the new one is wrong or missing, and recovers', async () => {
    const names = namesFile(path, new Map([[ZEAM_0, 'zeam_0']]))
    await expect(names.refresh()).rejects.toThrow('there is no such file')

    await writeFile(path, '{"x": ')
    await expect(names.refresh()).rejects.toThrow('not well-formed')
    // An old mistake is not parsed again, and stays one.
    const past = new Date(Date.now() - 60_000)
    await utimes(path, past, past)
    await expect(names.refresh()).rejects.toThrow('not well-formed')
    await expect(names.refresh()).rejects.toThrow('not well-formed')
    expect(names.names().get(ZEAM_0)).toBe('zeam_0')

    await writeFile(path, table('zeam_2'))
    await names.refresh()
    expect(names.names().get(ZEAM_0)).toBe('zeam_2')
  })

  test('shares one reading between refreshes at the same time, and starts none after an abort', async () => {
    await writeFile(path, table('zeam_0'))
    const names = namesFile(path)
    await Promise.all([names.refresh(), names.refresh()])
    expect(names.names().size).toBe(1)
    await expect(names.refresh(AbortSignal.abort())).rejects.toThrow('abort')
  })
})
