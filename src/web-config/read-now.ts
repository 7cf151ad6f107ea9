import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { errorText, LeanmeshError } from '../errors.ts'
import { fileReason } from '../genesis/read-text-file.ts'

/** A chain of certificates is a few KiB. */
const MAX_BYTES = 256 * 1024

function unreadable(path: string, reason: string, cause?: unknown): LeanmeshError {
  return new LeanmeshError('ERR_FILE_UNREADABLE', `cannot read ${errorText(path)}: ${reason}`, { cause })
}

/**
 * Reads a small regular file at once: a TLS handshake does not wait.
 *
 * @throws LeanmeshError `ERR_FILE_UNREADABLE`, a sentence with the path and the reason
 */
export function readNow(path: string): string {
  let file: number | undefined
  try {
    // Non-blocking, or opening a named pipe would wait for a writer for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile()) throw unreadable(path, 'it is not a regular file')
    if (stat.size > MAX_BYTES) throw unreadable(path, `it is larger than ${MAX_BYTES} bytes`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw error instanceof LeanmeshError ? error : unreadable(path, fileReason(error), error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Changes when the file does, seldom not: a change within one tick of the file system's clock can leave it the same. Never throws. */
export function versionNow(path: string): { key: string; changedMs: number } {
  try {
    // `stat` follows links: a ConfigMap or Secret is swapped by a link to another folder.
    const { mtimeNs, ctimeNs, size, ino, dev } = statSync(path, { bigint: true })
    const changedMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n)
    return { key: [mtimeNs, ctimeNs, size, ino, dev].join(':'), changedMs }
  } catch (error) {
    // Who reads it is told the whole reason.
    return { key: (error as NodeJS.ErrnoException).code ?? 'unreadable', changedMs: 0 }
  }
}
