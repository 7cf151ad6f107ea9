import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { errorText, LeanmeshError } from '../errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder, not a file',
  ELOOP: 'its symbolic links go round in a circle',
}

const WRITE_REASONS: Readonly<Record<string, string>> = {
  ...REASONS,
  ENOENT: 'its folder does not exist',
  EACCES: 'this user may not write it',
  EPERM: 'this user may not write it',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
}

/** Why the operating system refused to read a file, in words. */
export function fileReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  return REASONS[code] ?? errorText(error)
}

/** The same of a file that was to be written, as the error for whoever asked for it. */
export function unwritable(path: string, cause: unknown): LeanmeshError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
  const reason = WRITE_REASONS[code] ?? errorText(cause)
  return new LeanmeshError('ERR_FILE_UNWRITABLE', `cannot write ${errorText(path)}: ${reason}`, { cause })
}

async function readBounded(file: FileHandle, path: string, maxBytes: number): Promise<string> {
  const stat = await file.stat()
  const refuse = (reason: string) => new LeanmeshError('ERR_FILE_UNREADABLE', `cannot read ${path}: ${reason}`)
  if (stat.isDirectory()) throw refuse('it is a folder, not a file')
  if (!stat.isFile()) throw refuse('it is not a regular file')
  const buffer = Buffer.alloc(Math.min(stat.size, maxBytes) + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  if (length > maxBytes) throw refuse(`it is larger than ${maxBytes} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length))
  } catch {
    throw refuse('it is not UTF-8 text')
  }
}

/**
 * Reads a regular file of at most `maxBytes` as UTF-8.
 *
 * @throws LeanmeshError `ERR_FILE_UNREADABLE`, a sentence with the path and the reason
 */
export async function readTextFile(path: string, maxBytes = 1024 * 1024): Promise<string> {
  const shown = errorText(path)
  let file: FileHandle
  try {
    // Non-blocking, or opening a named pipe would wait for a writer for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw new LeanmeshError('ERR_FILE_UNREADABLE', `cannot read ${shown}: ${fileReason(error)}`, { cause: error })
  }
  try {
    return await readBounded(file, shown, maxBytes)
  } finally {
    await file.close()
  }
}
