import { namesFile } from './genesis/watched-names-file.ts'
import type { Names } from './mesh/names.ts'
import type { SidecarOptions } from './sidecar-options.ts'

/** The names table as it is now, from wherever it comes. */
export interface NamesSource {
  /** The same object until the table changes. */
  names(): Names
  refresh?(signal: AbortSignal): Promise<void>
}

/** The table of the settings, read again when its file changes, with the devnet's names beside it. */
export function namesSource(names: SidecarOptions['names']): NamesSource | undefined {
  if (!names) return undefined
  const { table, file, devnet } = names
  const source: NamesSource = file === undefined ? { names: () => table } : namesFile(file, table)
  if (!devnet) return source
  let from: Names | undefined
  let both: Names = devnet
  return {
    ...source,
    names() {
      if (from !== source.names()) both = new Map([...(from = source.names()), ...devnet])
      return both
    },
  }
}
