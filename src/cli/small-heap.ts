import { setFlagsFromString } from 'node:v8'

/**
 * From now on V8 collects rather than grows. By default a process that makes little garbage, as one that is scraped does,
 * keeps room for 16 MiB of new objects and for as much dead as alive. A collection takes more of the CPU then, so a start
 * is better over before. It is of the process, so no part that others embed may call it; NODE_OPTIONS does not take it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size')
}
