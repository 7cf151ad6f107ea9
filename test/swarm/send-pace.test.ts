import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPace } from '../../src/swarm/send-pace.ts'

const PACE_MS = 10

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function recorded() {
  const sent: string[] = []
  const whenDue = createPace(PACE_MS)
  return { sent, send: (name: string) => whenDue(() => void sent.push(name)) }
}

describe('what is to be sent', () => {
  it('goes at the end of the turn after a pause, all of the turn together and in its order', async () => {
    const { sent, send } = recorded()
    for (const name of ['a', 'b', 'c']) send(name)
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['a', 'b', 'c'])
  })

  it('waits in a flood until the pace allows it, and goes together then', async () => {
    const { sent, send } = recorded()
    send('first')
    await vi.advanceTimersByTimeAsync(0)
    for (const name of ['second', 'third', 'fourth']) {
      await vi.advanceTimersByTimeAsync(3)
      send(name)
    }
    expect(sent).toEqual(['first'])
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('waits for nothing once the pace has passed, and is sent once', async () => {
    const { sent, send } = recorded()
    send('first')
    await vi.advanceTimersByTimeAsync(PACE_MS)
    send('second')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['first', 'second'])
    await vi.advanceTimersByTimeAsync(5 * PACE_MS)
    expect(sent).toEqual(['first', 'second'])
  })

  it('is not forgotten when it comes while others are being sent', async () => {
    const { sent, send } = recorded()
    const whenDue = createPace(PACE_MS)
    whenDue(() => {
      sent.push('outer')
      whenDue(() => void sent.push('inner'))
    })
    await vi.advanceTimersByTimeAsync(PACE_MS)
    expect(sent).toEqual(['outer', 'inner'])
    send('other')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.at(-1)).toBe('other')
  })
})
