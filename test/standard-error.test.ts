import { closeSync, openSync, type write } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { lineWriter } from '../src/standard-error.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

type Answer = { error?: string; takes?: number }

/** A descriptor that answers as it is told, and then takes everything. */
function descriptor(answers: Answer[]): { taken: string[]; write: typeof write } {
  const taken: string[] = []
  const fake = (_fd: number, bytes: Buffer, start: number, done: (error: Error | null, written: number) => void) => {
    const { error, takes = bytes.length - start } = answers.shift() ?? {}
    if (error === undefined) taken.push(bytes.subarray(start, start + takes).toString())
    setImmediate(() =>
      error === undefined ? done(null, takes) : done(Object.assign(new Error(error), { code: error }), 0),
    )
  }
  return { taken, write: fake as unknown as typeof write }
}

test('a thousand lines are in the file, in order', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'log')
  const fd = openSync(path, 'w')
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`)
  const out = lineWriter(fd)
  for (const line of lines) out.write(line)
  await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toBe(lines.join('')))
  closeSync(fd)
})

test.each(['ENOSPC', 'EPIPE', 'EIO'])('after %s the line is lost, and the next one is written', async (error) => {
  const { taken, write } = descriptor([{ error }])
  const out = lineWriter(2, write)
  out.write('lost\n')
  out.write('next\n')
  await vi.waitFor(() => expect(taken).toEqual(['next\n']))
})

test('half a line that was written is ended before the next one', async () => {
  const { taken, write } = descriptor([{ takes: 2 }, { error: 'ENOSPC' }])
  const out = lineWriter(2, write)
  out.write('lost\n')
  out.write('next\n')
  await vi.waitFor(() => expect(taken.join('')).toBe('lo\nnext\n'))
})

test('what does not fit now is tried again, and no more than 1 MiB waits for it', async () => {
  const { taken, write } = descriptor([{ error: 'EAGAIN' }, { error: 'EAGAIN' }])
  const out = lineWriter(2, write)
  const line = `${'x'.repeat(1023)}\n`
  for (let count = 0; count < 3000; count++) out.write(line)
  await vi.waitFor(() => expect(taken.join('').length).toBe(1025 * 1024))
})
