import { write } from 'node:fs'

/** Text that waits while standard error is blocked; beyond it lines are dropped, because logging may stop nothing. */
const MAX_WAITING_CHARACTERS = 1024 * 1024
const TRY_AGAIN_MS = 100

/**
 * Writes lines to a file descriptor, in order. It never blocks, throws or ends the process: lines that a full disk, a reader
 * that has gone or one that reads nothing do not take are lost, and the next ones are tried again.
 */
export function lineWriter(fd: number, writeTo: typeof write = write): { write(line: string): void } {
  let waiting = ''
  let isWriting = false

  function next(): void {
    if (isWriting || waiting === '') return
    isWriting = true
    const text = Buffer.from(waiting)
    waiting = ''
    writeFrom(text, 0)
  }

  function writeFrom(text: Buffer, start: number): void {
    writeTo(fd, text, start, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => writeFrom(text, start), TRY_AGAIN_MS)
        return
      }
      const end = start + written
      if (!error && end < text.length) return writeFrom(text, end)
      // What comes after half a line begins a new one.
      if (error && start > 0) waiting = `\n${waiting}`
      isWriting = false
      next()
    })
  }

  return {
    write(line) {
      if (waiting.length + line.length > MAX_WAITING_CHARACTERS) return
      waiting += line
      next()
    },
  }
}
