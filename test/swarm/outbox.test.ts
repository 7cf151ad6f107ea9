import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOutbox } from '../../src/swarm/outbox.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('an outbox', () => {
  it('writes when it is due, each once, after it was decided what else is to be written', async () => {
    const done: string[] = []
    const outbox = createOutbox()
    const [first, second] = ['first', 'second'].map((name) => () => void done.push(name))
    outbox.beforeWriting(() => {
      done.push('decided')
      outbox.writeLater(second ?? (() => undefined))
    })
    for (let times = 0; times < 3; times++) outbox.writeLater(first ?? (() => undefined))
    expect(done).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(done).toEqual(['decided', 'first', 'second'])
  })

  it('decides and writes at once what it is told not to wait with, and nothing of it again', async () => {
    const done: string[] = []
    const outbox = createOutbox()
    outbox.beforeWriting(() => void done.push('decided'))
    outbox.decideLater(1)
    outbox.writeLater(() => void done.push('written'))
    outbox.writeNow()
    expect(done).toEqual(['decided', 'written'])
    await vi.advanceTimersByTimeAsync(100)
    expect(done.filter((each) => each === 'written')).toHaveLength(1)
  })

  it('asks what is to be written where nothing but that waits', async () => {
    const decide = vi.fn<() => void>()
    const outbox = createOutbox()
    outbox.beforeWriting(decide)
    outbox.decideLater(100)
    await vi.advanceTimersByTimeAsync(2)
    expect(decide).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(decide).toHaveBeenCalledTimes(1)
  })

  it('writes at the end of the turn, what is to be decided about with it', async () => {
    const done: string[] = []
    const outbox = createOutbox()
    outbox.beforeWriting(() => void done.push('decided'))
    outbox.decideLater(1)
    await vi.advanceTimersByTimeAsync(0)
    expect(done).toEqual([])
    outbox.writeLater(() => void done.push('written'))
    await vi.advanceTimersByTimeAsync(0)
    expect(done).toEqual(['decided', 'written'])
  })

  it('writes again what comes while it writes, or later, and nothing twice', async () => {
    const done: string[] = []
    const outbox = createOutbox()
    const again = () => void done.push('again')
    const first = () => {
      done.push('first')
      outbox.writeLater(again)
    }
    outbox.writeLater(first)
    await vi.advanceTimersToNextTimerAsync()
    expect(done).toEqual(['first'])
    await vi.advanceTimersByTimeAsync(100)
    expect(done).toEqual(['first', 'again'])
    outbox.writeLater(again)
    await vi.advanceTimersByTimeAsync(0)
    expect(done).toEqual(['first', 'again', 'again'])
  })

  it('waits 2 ms with a block, also in a flood, and not when more comes', async () => {
    const decide = vi.fn<() => void>()
    const outbox = createOutbox()
    outbox.beforeWriting(decide)
    outbox.decideLater(1024 * 1024)
    expect(decide).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(2)
    expect(decide).toHaveBeenCalledTimes(1)
    outbox.decideLater(1024 * 1024)
    outbox.decideLater(1)
    expect(decide).toHaveBeenCalledTimes(2)
    for (let write = 0; write < 20; write++) {
      outbox.writeLater(() => undefined)
      await vi.advanceTimersByTimeAsync(1)
    }
    decide.mockClear()
    outbox.decideLater(1024 * 1024)
    await vi.advanceTimersByTimeAsync(2)
    expect(decide).toHaveBeenCalled()
  })

  it('is emptied at once when more than 64 KiB are to be decided about', () => {
    const decide = vi.fn<() => void>()
    const outbox = createOutbox()
    outbox.beforeWriting(decide)
    outbox.decideLater(64 * 1024)
    expect(decide).not.toHaveBeenCalled()
    outbox.decideLater(1)
    expect(decide).toHaveBeenCalledTimes(1)
    outbox.decideLater(64 * 1024)
    expect(decide).toHaveBeenCalledTimes(1)
  })
})
