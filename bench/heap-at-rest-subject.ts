/** A heap that a load made large and that rests then, for `heap-at-rest.ts`: tells how much it holds, once a second. */
import { setTimeout as delay } from 'node:timers/promises'

const [seconds = '0'] = process.argv.slice(2)
const OBJECTS = 40_000
const ROUNDS = 30

/** In use for some rounds, so that most of it is taken for old. */
const kept: object[][] = []
for (let round = 0; round < ROUNDS; round++) {
  kept[round % 5] = Array.from({ length: OBJECTS }, (_, at) => ({ at, name: `peer ${at}` }))
  await delay(10)
}
kept.length = 0
for (let second = 0; second < Number(seconds); second++) {
  const { heapTotal, heapUsed } = process.memoryUsage()
  console.log(JSON.stringify({ second, heapTotal, heapUsed }))
  await delay(1000)
}
