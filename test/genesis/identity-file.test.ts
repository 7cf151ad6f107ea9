import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createIdentity, openToOthersWarnings, readIdentity } from '../../src/genesis/identity-file.ts'
import { fixture } from '../support/settings.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leanmesh-identity-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a key file', () => {
  test.each([
    ['identity-too-short.key', /too-short\.key: the key is too short, 32 hex digits; a key is 64 hex digits/],
    ['identity-not-hex.key', /not-hex\.key: the key is not hex; a key is 64 hex digits/],
    ['identity-empty.key', /empty\.key: the key file is empty; a key is 64 hex digits/],
    [
      'identity-zero.key',
      /zero\.key: the number is not a secp256k1 private key; `leanmesh identity --out FILE` makes one/,
    ],
    ['there-is-no-such.key', /cannot read .+there-is-no-such\.key: there is no such file/],
  ])('%s is refused with what would be right', async (name, message) => {
    await expect(readIdentity(fixture('identity', name))).rejects.toThrow(message)
  })

  test('may begin with 0x, be in upper case, and end in a line break', async () => {
    const { keyHex, peerId } = await readIdentity(fixture('identity', 'identity-with-0x.key'))
    expect(keyHex).toBe('1ccf415db3ed7de307ca20752e8092cf4fff7341e7497114749756362ead09a7')
    expect(peerId).toBe('16Uiu2HAm9ViUVSkHosi4j11gezA3T4rhh5JSXgNTAYEbF9AT1217')
  })

  test('is never shown, not even when it is given in place of its path or is wrong', async () => {
    const key = '1ccf415db3ed7de307ca20752e8092cf4fff7341e7497114749756362ead09a7'
    const path = join(folder, 'long.key')
    await writeFile(path, `${key}00`, { mode: 0o600 })
    for (const wrong of [key, path]) {
      const error: unknown = await readIdentity(wrong).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).message).not.toContain(key)
    }
    await expect(readIdentity(key)).rejects.toThrow('looks like a key, not like the path of a key file')
  })

  test('that others can read gives a warning that says how to mend it', async () => {
    const path = join(folder, 'open.key')
    await writeFile(path, `${'1'.repeat(64)}\n`)
    await chmod(path, 0o640)
    const { warnings } = await readIdentity(path)
    expect(warnings).toEqual([
      `${path} holds a private key and has mode 0640, so others can read it; run: chmod 600 ${path}`,
    ])
    await chmod(path, 0o600)
    expect((await readIdentity(path)).warnings).toEqual([])
  })

  test('on a read-only mount gives none, because nobody can mend it there', async () => {
    const path = join(folder, 'open.key')
    await chmod(path, 0o644)
    expect(await openToOthersWarnings(path, async () => true)).toEqual([])
    expect(await openToOthersWarnings(path, async () => false)).toEqual([expect.stringContaining('others can read it')])
  })

  test('that others can write, itself or by its folder, gives a warning as well', async () => {
    const inner = join(folder, 'shared')
    await mkdir(inner)
    const path = join(inner, 'own.key')
    await writeFile(path, `${'1'.repeat(64)}\n`)
    await chmod(path, 0o620)
    expect((await readIdentity(path)).warnings).toEqual([expect.stringMatching(/mode 0620, so others can write it/)])
    await chmod(path, 0o600)
    await chmod(inner, 0o777)
    expect((await readIdentity(path)).warnings).toEqual([
      `${inner} has mode 0777, so others can put a key of theirs in the place of ${path}; run: chmod go-w ${inner}`,
    ])
    // As /tmp is: others may add to it, and take nothing away.
    await chmod(inner, 0o1777)
    expect((await readIdentity(path)).warnings).toEqual([])
  })
})

describe('a new key file', () => {
  test('is readable by its owner only, and gives the same identity when read', async () => {
    const path = join(folder, 'new.key')
    const { peerId, publicKeyHex } = await createIdentity(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    expect(publicKeyHex).toMatch(/^0[23][0-9a-f]{64}$/)
    expect(await readIdentity(path)).toMatchObject({ peerId, publicKeyHex, warnings: [] })
  })

  test('is never written over an existing one', async () => {
    const path = join(folder, 'kept.key')
    await writeFile(path, 'kept')
    await expect(createIdentity(path)).rejects.toThrow(`${path} exists already, and a key is never written over`)
    expect(await readFile(path, 'utf8')).toBe('kept')
  })

  test('in a folder that does not exist is refused', async () => {
    await expect(createIdentity(join(folder, 'no', 'such.key'))).rejects.toThrow('its folder does not exist')
  })
})
