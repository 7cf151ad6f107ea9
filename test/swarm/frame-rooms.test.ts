import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFrameReader } from '../../src/swarm/frame-reader.ts'
import { createFrameRooms } from '../../src/swarm/frame-rooms.ts'
import { withLength } from '../../src/swarm/length-prefix.ts'

const KIB = 1024
const MIB = 1024 * KIB

describe('the room of a frame', () => {
  it('is that of one before, of which nothing is needed any more, where it is large enough, and less than twice that', () => {
    const rooms = createFrameRooms()
    const [small, large] = [rooms.take(100 * KIB), rooms.take(MIB)]
    for (const room of [large, small]) rooms.giveBack(room)
    const taken = [small.length + 1, 512 * KIB, 512 * KIB + 1, 90 * KIB, 90 * KIB].map((bytes) => rooms.take(bytes))
    expect(taken.map((room) => [small, large].indexOf(room))).toEqual([-1, -1, 1, 0, -1])
  })

  it('has room for others that are a little longer, and not for more than 1 MiB', () => {
    const rooms = createFrameRooms()
    const lengths = [65, 128, 1000, 1024].map((kib) => rooms.take(kib * KIB).length / KIB)
    expect(lengths).toEqual([128, 128, 1024, 1024])
    expect(rooms.take(MIB + 1)).toHaveLength(MIB + 1)
  })

  it('is not kept where it is small, or larger than what is made at once', () => {
    const rooms = createFrameRooms()
    const others = [rooms.take(64 * KIB - 1), rooms.take(MIB + 1)]
    for (const room of others) rooms.giveBack(room)
    expect(others.map(({ length }) => rooms.take(length)).filter((room) => others.includes(room))).toEqual([])
  })

  it('is kept of three frames at most, the last', () => {
    const rooms = createFrameRooms()
    const given = Array.from({ length: 4 }, () => rooms.take(MIB))
    for (const room of given) rooms.giveBack(room)
    const taken = given.map(() => rooms.take(MIB))
    expect(taken.map((room) => given.indexOf(room))).toEqual([1, 2, 3, -1])
  })

  it('is let go when none was given back for 10 s', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const rooms = createFrameRooms()
    const room = rooms.take(MIB)
    const isKeptFor = (ms: number) => {
      rooms.giveBack(room)
      vi.advanceTimersByTime(ms)
      return rooms.take(MIB) === room
    }
    expect([9999, 9999, 10_000, 9999].map(isKeptFor)).toEqual([true, true, false, true])
    expect(vi.getTimerCount()).toBe(1)
  })

  it('of a frame that grows is given back for the larger one', () => {
    const rooms = createFrameRooms()
    const taken = vi.spyOn(rooms, 'take')
    const { push } = createFrameReader(4 * MIB, () => true, rooms)
    const frame = withLength(new Uint8Array(3 * MIB))
    for (let at = 0; at < frame.length; at += 64 * KIB) push(frame.subarray(at, at + 64 * KIB))
    const [first] = taken.mock.results.map(({ value }) => value as Uint8Array)
    expect(first).toHaveLength(MIB)
    expect(rooms.take(MIB)).toBe(first)
  })
})
