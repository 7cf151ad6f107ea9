/**
 * What Node takes to encrypt a frame of Noise with a bare key, as js noise gives it, and with a key object that is kept. The least that shows why
 * `mend-noise.ts` keeps them.
 */
import { createCipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { isQuick } from './support/flags.ts'
import { writeResults } from './support/results.ts'
import { median } from './support/statistics.ts'
import { figure, printTable } from './support/table.ts'

/** A message of 3.2 KB, and a piece of a block. */
const SIZES = [3300, 63 * 1024]
const FRAMES = 2000
const ROUNDS = isQuick ? 5 : 25
const NONCE = Buffer.alloc(12)

const bareKey = randomBytes(32)
const KEYS: Readonly<Record<string, Uint8Array | KeyObject>> = {
  'bare key': bareKey,
  'key object': createSecretKey(bareKey),
}

/** CPU microseconds for a frame. */
function encrypt(key: Uint8Array | KeyObject, plain: Uint8Array): number {
  const before = process.cpuUsage()
  for (let frame = 0; frame < FRAMES; frame++) {
    const cipher = createCipheriv('chacha20-poly1305', key, NONCE, { authTagLength: 16 })
    cipher.update(plain)
    cipher.final()
    cipher.getAuthTag()
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / FRAMES
}

const results = SIZES.map((bytes) => {
  const plain = randomBytes(bytes)
  const rounds = Array.from({ length: ROUNDS }, () => Object.values(KEYS).map((key) => encrypt(key, plain)))
  // The first round compiles.
  const us = Object.keys(KEYS).map((_, at) => median(rounds.slice(1).map((round) => round[at] ?? Number.NaN)))
  return { bytes, us }
})
printTable(
  'One frame, CPU us',
  results.map(({ bytes, us }) => ({
    bytes: figure(bytes),
    ...Object.fromEntries(Object.keys(KEYS).map((key, at) => [key, figure(us[at], 1)])),
  })),
)
writeResults('noise-key', { quick: isQuick, results })
