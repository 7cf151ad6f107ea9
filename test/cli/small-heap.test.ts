import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** What a process holds for new objects after it has made and dropped a few hundred MiB of them, in MiB. */
function roomForNewObjects(setup: string): number {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { keepHeapSmall } from './src/cli/small-heap.ts'
    ${setup}
    let kept = []
    for (let round = 0; round < 1000; round++) kept = [...Array(3000).keys()].map((n) => ({ n })).concat(kept.slice(0, 9000))
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    console.log(kept.length && space_size / 2 ** 20)`
  const args = ['--input-type=module-typescript', '--eval', script]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } }))
}

/** When V8 gives room back depends on how far its own threads have come, so one process tells little. */
const TRIES = 6

it('a process that keeps its heap small gives room for new objects back, and one that does not keeps it', () => {
  expect(roomForNewObjects('')).toBeGreaterThan(12)
  const rooms: number[] = []
  while (rooms.length < TRIES && !rooms.some((room) => room < 6)) rooms.push(roomForNewObjects('keepHeapSmall()'))
  expect(Math.min(...rooms)).toBeLessThan(6)
})
