import { generateKeyPair } from '@libp2p/crypto/keys'
import { open, stat } from 'node:fs/promises'
import { errorText, LeanmeshError } from '../errors.ts'
import { identityOfKey, type Identity } from './identity.ts'
import { isOnReadOnlyMount } from './read-only-mount.ts'
import { fileReason, readTextFile } from './read-text-file.ts'

const MAKE_ONE = '`leanmesh identity --out FILE` makes a key file'

export interface IdentityFile extends Identity {
  /** The private key, 64 hex digits. Never for logs. */
  keyHex: string
  warnings: string[]
}

/**
 * A warning when others than the owner may read a file, unless it is on a read-only file system: there nobody can mend
 * it, and a mounted secret is like that.
 */
export async function openToOthersWarning(path: string, isReadOnly = isOnReadOnlyMount): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  const { mode } = await stat(path)
  if ((mode & 0o044) === 0) return undefined
  if (await isReadOnly(path)) return undefined
  const shown = errorText(path)
  return `${shown} holds a private key and has mode ${(mode & 0o777).toString(8).padStart(4, '0')}, so others can read it; run: chmod 600 ${shown}`
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
  const warning = await openToOthersWarning(path)
  try {
    return { keyHex, ...identityOfKey(keyHex), warnings: warning === undefined ? [] : [warning] }
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
  const shown = errorText(path)
  const { raw } = await generateKeyPair('secp256k1')
  const keyHex = Buffer.from(raw).toString('hex')
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${keyHex}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new LeanmeshError(
        'ERR_FILE_EXISTS',
        `${shown} exists already, and a key is never written over; choose another path`,
      )
    }
    const reason = fileReason(error)
      .replace('there is no such file', 'its folder does not exist')
      .replace('read', 'write')
    throw new LeanmeshError('ERR_FILE_UNWRITABLE', `cannot write ${shown}: ${reason}`, { cause: error })
  }
  return identityOfKey(keyHex)
}
