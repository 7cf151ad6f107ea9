import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSlab } from '../../src/swarm/slab.ts'

const KIB = 1024

it('gives back what it was given, whatever is laid beside it afterwards', () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(70 * KIB)), { maxLength: 60 })
  fc.assert(
    fc.property(sizes, (lengths) => {
      const copyOf = createSlab()
      const given = lengths.map((length, at) => new Uint8Array(length).fill(at + 1))
      const copies = given.map((bytes) => copyOf(bytes))
      expect(copies.every((copy, at) => Buffer.compare(copy, given[at] ?? new Uint8Array()) === 0)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

it('keeps nothing of what it was given', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  const copy = createSlab()(bytes)
  bytes.fill(0)
  expect([...copy]).toEqual([1, 2, 3])
})

it('lays copies side by side in 1 MiB, and begins another when that is full', () => {
  const copyOf = createSlab()
  const copies = Array.from({ length: 17 }, () => copyOf(new Uint8Array(64 * KIB)))
  const [first, ...rest] = copies.map(({ buffer }) => buffer)
  const last = rest.pop()
  expect(first?.byteLength).toBe(KIB * KIB)
  expect(rest.every((buffer) => buffer === first)).toBe(true)
  expect(last === first).toBe(false)
  expect(last?.byteLength).toBe(KIB * KIB)
})

it('gives what is larger than a sixteenth memory of its own, which leaves the slab as it is', () => {
  const copyOf = createSlab()
  const before = copyOf(new Uint8Array(1))
  const large = copyOf(new Uint8Array(64 * KIB + 1))
  const after = copyOf(new Uint8Array(1))
  expect(large.buffer.byteLength).toBe(64 * KIB + 1)
  expect(after.buffer === before.buffer).toBe(true)
  expect(after.byteOffset).toBe(1)
})
