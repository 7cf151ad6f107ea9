import { stat } from 'node:fs/promises'
import { errorText, LeanmeshError } from '../errors.ts'
import type { Names } from '../mesh/names.ts'
import { readNames } from './names-file.ts'
import { fileReason } from './read-text-file.ts'

/** A names file that may change while the sidecar runs. */
export interface NamesFile {
  /** The last good table. Empty before the first good one. */
  names(): Names
  /**
   * Reads the file again if it changed. Rejects when it is missing or wrong; the last good table then stays.
   * Calls while one is under way share it.
   */
  refresh(signal?: AbortSignal): Promise<void>
}

/** A change within one tick of the file system's clock leaves the same time and size, so a young file is read again. */
const YOUNG_MS = 2_000

interface Version {
  key: string
  isYoung: boolean
}

async function versionOf(path: string): Promise<Version> {
  try {
    // `stat` follows links: a ConfigMap is swapped by a link to another folder, an atomic rename gives another inode.
    const { mtimeNs, ctimeNs, size, ino, dev } = await stat(path, { bigint: true })
    const changedMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n)
    return { key: [mtimeNs, ctimeNs, size, ino, dev].join(':'), isYoung: Math.abs(Date.now() - changedMs) < YOUNG_MS }
  } catch (error) {
    throw new LeanmeshError('ERR_FILE_UNREADABLE', `cannot read ${errorText(path)}: ${fileReason(error)}`, {
      cause: error,
    })
  }
}

/**
 * A names file that is read again when it has changed.
 *
 * @param table what was read already, at start-up
 */
export function namesFile(path: string, table: Names = new Map()): NamesFile {
  let names = table
  let settled: { key: string; error?: LeanmeshError } | undefined
  let underWay: Promise<void> | undefined

  const readNew = async (): Promise<void> => {
    const version = await versionOf(path)
    if (settled?.key === version.key) {
      if (settled.error !== undefined) throw settled.error
      return
    }
    // The version is from before the reading: a change in between shows at the next refresh.
    const keep = (error?: LeanmeshError) => {
      settled = version.isYoung ? undefined : { key: version.key, ...(error === undefined ? {} : { error }) }
    }
    try {
      names = await readNames(path, names)
      keep()
    } catch (error) {
      if (error instanceof LeanmeshError && error.code === 'ERR_FILE_INVALID') keep(error)
      throw error
    }
  }
  const refreshOnce = async (): Promise<void> => {
    try {
      await readNew()
    } finally {
      underWay = undefined
    }
  }
  return {
    names: () => names,
    async refresh(signal) {
      signal?.throwIfAborted()
      underWay ??= refreshOnce()
      await underWay
    },
  }
}
