import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
/** A target of a WeakRef is kept until the end of the turn in which it was made or read. */
export const collectGarbage = runInNewContext('gc') as () => void

function reachable(): NodeJS.MemoryUsage {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage()
}

/** Bytes of this process's heap that are reachable. */
export function reachableHeapBytes(): number {
  return reachable().heapUsed
}

/** Bytes of buffers outside of the heap that are reachable. */
export function reachableBufferBytes(): number {
  return reachable().arrayBuffers
}
