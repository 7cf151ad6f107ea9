import { generateKeyPair } from '@libp2p/crypto/keys'
import { open, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errorText, LeanmeshError } from '../errors.ts'
import { identityOfKey, type Identity } from './identity.ts'
import { isOnReadOnlyMount } from './read-only-mount.ts'
import { readTextFile, unwritable } from './read-text-file.ts'

const MAKE_ONE = '`leanmesh identity --out FILE` makes a key file'

export interface IdentityFile extends Identity {
  /** The private key, 64 hex digits. Never for logs. */
  keyHex: string
  warnings: string[]
}

/** Others may delete what is theirs alone in such a folder: `/tmp`, for one. */
const STICKY = 0o1000

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

/**
 * What is wrong with the modes of a key file and its folder: others than the owner may read or write the key, or put
 * another in its place. On a read-only file system nothing is: there nobody can mend it, and a mounted secret is like that.
 */
export async function openToOthersWarnings(path: string, isReadOnly = isOnReadOnlyMount): Promise<string[]> {
  if (process.platform === 'win32') return []
  const folder = dirname(resolve(path))
  const [file, around] = await Promise.all([stat(path), stat(folder)])
  const isFileOpen = (file.mode & 0o066) !== 0
  const isFolderOpen = (around.mode & 0o022) !== 0 && (around.mode & STICKY) === 0
  if (!(isFileOpen || isFolderOpen) || (await isReadOnly(path))) return []
  const [shown, shownFolder] = [errorText(path), errorText(folder)]
  const does = (file.mode & 0o044) === 0 ? 'write' : 'read'
  return [
    ...(isFileOpen
      ? [
          `${shown} holds a private key and has mode ${octal(file.mode)}, so others can ${does} it; run: chmod 600 ${shown}`,
        ]
      : []),
    ...(isFolderOpen
      ? [
          `${shownFolder} has mode ${octal(around.mode)}, so others can put a key of theirs in the place of ${shown}; run: chmod go-w ${shownFolder}`,
        ]
      : []),
  ]
}

function keyOf(text: string, path: string): string {
  const key = text.trim().replace(/^0x/i, '')
  const refuse = (wrong: string) =>
    new LeanmeshError('ERR_IDENTITY_INVALID', `${path}: ${wrong}; a key is 64 hex digits, and ${MAKE_ONE}`)
  if (key === '') throw refuse('the key file is empty')
  if (!/^[0-9a-f]*$/i.test(key)) throw refuse('the key is not hex')
  if (key.length !== 64) throw refuse(`the key is too ${key.length < 64 ? 'short' : 'long'}, ${key.length} hex digits`)
  return key.toLowerCase()
}

/**
 * Reads a key file: 64 hex digits, perhaps with `0x` before and a line break after them.
 *
 * @throws LeanmeshError whose message never holds the key
 */
export async function readIdentity(path: string): Promise<IdentityFile> {
  if (/^(?:0x)?[0-9a-f]{64}$/i.test(path)) {
    throw new LeanmeshError(
      'ERR_IDENTITY_INVALID',
      `this looks like a key, not like the path of a key file; ${MAKE_ONE}`,
    )
  }
  const shown = errorText(path)
  const keyHex = keyOf(await readTextFile(path, 4_096), shown)
  const warnings = await openToOthersWarnings(path)
  try {
    return { keyHex, ...identityOfKey(keyHex), warnings }
  } catch (error) {
    throw new LeanmeshError('ERR_IDENTITY_INVALID', `${shown}: ${errorText(error)}`)
  }
}

/**
 * Makes a new key file that only its owner can read.
 *
 * @throws LeanmeshError `ERR_FILE_EXISTS` when there is something at the path, `ERR_FILE_UNWRITABLE`
 */
export async function createIdentity(path: string): Promise<Identity> {
  const { raw } = await generateKeyPair('secp256k1')
  const keyHex = Buffer.from(raw).toString('hex')
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${keyHex}\n`)
      await file.sync()
    } catch (error) {
      // Half a key is none, and would stand in the way of the next try.
      await rm(path, { force: true }).catch(() => undefined)
      throw error
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new LeanmeshError(
        'ERR_FILE_EXISTS',
        `${errorText(path)} exists already, and a key is never written over; choose another path`,
      )
    }
    throw unwritable(path, error)
  }
  return identityOfKey(keyHex)
}
