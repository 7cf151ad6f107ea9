import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createWireCopies } from '../../src/swarm/wire-copies.ts'

const MIB = 1024 * 1024
const message = (data: Uint8Array, topic = 'block') => ({ topic, data })

function copies() {
  const clock = { nowMs: 1000 }
  return { clock, nameOf: createWireCopies(() => clock.nowMs) }
}

describe('a message on the wire', () => {
  it('has the name of its copies, and of nothing else', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 200 }))
    const messages = fc.array(fc.tuple(fc.constantFrom('block', 'aggregation'), bytes), { maxLength: 30 })
    fc.assert(
      fc.property(messages, (sent) => {
        const { nameOf } = copies()
        const known = new Map<string, string>()
        for (const [topic, data] of sent) {
          const key = `${topic} ${Buffer.from(data).toString('hex')}`
          const name = nameOf(message(Uint8Array.from(data), topic))
          expect(known.get(key) ?? name).toBe(name)
          known.set(key, name)
        }
        expect(new Set(known.values()).size).toBe(known.size)
      }),
    )
  })

  it('is told apart from one that differs in a single bit, wherever it is', () => {
    const { nameOf } = copies()
    const data = new Uint8Array(500).fill(7)
    const names = new Set([nameOf(message(data))])
    for (let at = 0; at < data.length; at++) {
      const other = Uint8Array.from(data)
      other[at] = 6
      names.add(nameOf(message(other)))
    }
    expect(names.size).toBe(data.length + 1)
  })

  it('is kept as a copy, which what came with it does not hang on', () => {
    const { nameOf } = copies()
    const read = new Uint8Array(16 * 1024).fill(7)
    const sent = message(read.subarray(100, 103))
    const name = nameOf(sent)
    expect([...sent.data]).toEqual([7, 7, 7])
    expect(sent.data.buffer === read.buffer).toBe(false)
    read.fill(0)
    const again = message(new Uint8Array(1024).fill(7).subarray(100, 103))
    nameOf(again)
    expect(again.data).toBe(sent.data)
    expect(nameOf(message(Uint8Array.of(7, 7, 7)))).toBe(name)
  })

  it.each([
    ['of 128 KiB is kept as it came', 128, 128, true],
    ['of 128 KiB is copied where as much came with it', 128, 256, false],
    ['of less is copied, though nothing came with it', 127, 127, false],
  ])('%s', (_, keptKib, readKib, isAsItCame) => {
    const { nameOf } = copies()
    const read = new Uint8Array(readKib * 1024).fill(7)
    const sent = message(read.subarray(0, keptKib * 1024))
    nameOf(sent)
    expect(sent.data.buffer === read.buffer).toBe(isAsItCame)
    expect(sent.data).toHaveLength(keptKib * 1024)
  })

  it('has a name without data, too', () => {
    const { nameOf } = copies()
    expect(nameOf({ topic: 'block' })).toBe(nameOf({ topic: 'block' }))
  })

  it('is known for two seconds, whatever comes meanwhile', () => {
    const arrival = fc.record({ afterMs: fc.nat(1500), number: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
        const { clock, nameOf } = copies()
        const named = new Map<number, { name: string; atMs: number }>()
        for (const { afterMs, number } of arrivals) {
          clock.nowMs += afterMs
          const name = nameOf(message(Uint8Array.of(number)))
          const before = named.get(number)
          if (before && clock.nowMs - before.atMs < 2000) expect(name).toBe(before.name)
          if (before?.name !== name) named.set(number, { name, atMs: clock.nowMs })
        }
      }),
    )
  })

  it('is known for two seconds at least, and four at most in which others come', () => {
    const { clock, nameOf } = copies()
    const data = Uint8Array.of(1)
    const name = nameOf(message(data))
    clock.nowMs += 2000
    nameOf(message(Uint8Array.of(2)))
    expect(nameOf(message(data))).toBe(name)
    clock.nowMs += 2000
    nameOf(message(Uint8Array.of(3)))
    expect(nameOf(message(data))).not.toBe(name)
  })

  it('is forgotten by the first that comes after four seconds', () => {
    const { clock, nameOf } = copies()
    const name = nameOf(message(Uint8Array.of(1)))
    clock.nowMs += 4000
    nameOf(message(Uint8Array.of(2)))
    expect(nameOf(message(Uint8Array.of(1)))).not.toBe(name)
  })

  it('is forgotten at rest as well, within eight seconds, by a timer that ends then', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const nameOf = createWireCopies()
    const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)]
    const names = [nameOf(message(first))]
    vi.advanceTimersByTime(2500)
    names.push(nameOf(message(second)))
    expect(nameOf(message(first))).toBe(names[0])
    vi.advanceTimersByTime(1500)
    expect(nameOf(message(second))).toBe(names[1])
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(4000)
    expect(vi.getTimerCount()).toBe(0)
    expect(nameOf(message(second))).not.toBe(names[1])
  })

  it('is forgotten by that timer alone', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const nameOf = createWireCopies()
    const name = nameOf(message(Uint8Array.of(1)))
    vi.advanceTimersByTime(3999)
    expect(nameOf(message(Uint8Array.of(1)))).toBe(name)
    vi.advanceTimersByTime(1)
    expect(nameOf(message(Uint8Array.of(1)))).not.toBe(name)
  })

  it('is forgotten when many came since that look like it, so that few are compared with what comes', () => {
    const { nameOf } = copies()
    const alike = (at: number) => {
      const data = new Uint8Array(1000)
      data[at] = 1
      return message(data)
    }
    const numbers = Array.from({ length: 100 }, (_, at) => at)
    const names = numbers.map((at) => nameOf(alike(at)))
    // Some differ where it is looked, and are not alike.
    expect(numbers.filter((at) => nameOf(alike(at)) === names[at]).length).toBeLessThan(20)
    const name = nameOf(alike(500))
    expect(nameOf(alike(500))).toBe(name)
  })

  it('is forgotten when 4 MiB have come since', () => {
    const { nameOf } = copies()
    const first = Uint8Array.of(1)
    const name = nameOf(message(first))
    nameOf(message(new Uint8Array(MIB)))
    expect(nameOf(message(first))).toBe(name)
    for (let sent = 1; sent < 6; sent++) nameOf(message(new Uint8Array(MIB).fill(sent)))
    expect(nameOf(message(first))).not.toBe(name)
  })

  it('counts for the whole buffer that it lies in', () => {
    const { nameOf } = copies()
    const large = (byte: number) => message(new Uint8Array(255 * 1024).fill(byte).subarray(0, 128 * 1024))
    const names = Array.from({ length: 40 }, (_, byte) => nameOf(large(byte)))
    const known = names.filter((name, byte) => nameOf(large(byte)) === name)
    expect(known.length * 255 * 1024).toBeLessThan(4 * MIB)
  })

  it('is not known for longer where the next comes late', () => {
    const { clock, nameOf } = copies()
    const name = nameOf(message(Uint8Array.of(1)))
    clock.nowMs += 3999
    nameOf(message(Uint8Array.of(2)))
    clock.nowMs += 1
    nameOf(message(Uint8Array.of(3)))
    expect(nameOf(message(Uint8Array.of(1)))).not.toBe(name)
  })

  it('of more than 2 MiB is known by its hash, and pushes nothing out', () => {
    const { nameOf } = copies()
    const [large, other] = [new Uint8Array(3 * MIB), new Uint8Array(3 * MIB).fill(1, 100)]
    const small = Uint8Array.of(1)
    const name = nameOf(message(small))
    expect(nameOf(message(large))).toBe(nameOf(message(large)))
    expect(new Set([message(large), message(other), message(large, 'other')].map(nameOf)).size).toBe(3)
    expect(nameOf(message(small))).toBe(name)
  })

  it('counts for more than its data, so that many small ones are bounded as well', () => {
    const { nameOf } = copies()
    const small = (number: number) => message(Uint8Array.of(number >> 16, number >> 8, number))
    const name = nameOf(small(0))
    for (let number = 1; number < 40_000; number++) nameOf(small(number))
    expect(nameOf(small(0))).not.toBe(name)
  })
})
