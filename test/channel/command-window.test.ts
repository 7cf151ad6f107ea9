import { beforeEach, describe, expect, it } from 'vitest'
import { CommandDropped, CommandWindow } from '../../src/channel/command-window.ts'
import type { SwarmCommand } from '../../src/channel/messages.ts'

const CAPACITY = 3
const create = (id: number): SwarmCommand => ({ type: 'snapshot', id })
const NEVER = new AbortController().signal

describe('command window', () => {
  let sent: SwarmCommand[]
  let sink: { connected: boolean; send(command: SwarmCommand): void }
  let window: CommandWindow<string>

  beforeEach(() => {
    sent = []
    sink = { connected: true, send: (command) => void sent.push(command) }
    window = new CommandWindow<string>(CAPACITY, sink)
  })

  const dropped = (reason: string) => expect.objectContaining({ name: 'CommandDropped', reason })
  const request = (signal = NEVER) => window.request(create, signal)

  it('sends a command and gives its answer to the one who asked, in whichever order answers come', async () => {
    window.open()
    const [first, second] = [request(), request()]
    window.answer(1, 'second')
    window.answer(0, 'first')
    expect(await Promise.all([first, second])).toEqual(['first', 'second'])
    expect(sent).toEqual([create(0), create(1)])
  })

  it('drops as uninitialized, and sends nothing, until it is opened', async () => {
    await expect(request()).rejects.toEqual(dropped('uninitialized'))
    expect(sent).toEqual([])
  })

  it('drops as closed when the far end is gone, opened or not', async () => {
    sink.connected = false
    await expect(request()).rejects.toEqual(dropped('closed'))
    window.open()
    await expect(request()).rejects.toEqual(dropped('closed'))
  })

  it('drops as full when as many commands as fit wait for an answer', async () => {
    window.open()
    const waiting = Array.from({ length: CAPACITY }, () => request())
    await expect(request()).rejects.toEqual(dropped('full'))
    expect(sent).toHaveLength(CAPACITY)
    window.answer(0, 'there you are')
    const next = request()
    window.answer(3, 'and you')
    expect(await next).toBe('and you')
    window.close()
    await Promise.allSettled(waiting)
  })

  it('frees who waits at an abort, but the place only at the answer', async () => {
    window.open()
    const controller = new AbortController()
    const waiting = Array.from({ length: CAPACITY }, () => request(controller.signal))
    controller.abort(new Error('deadline'))
    for (const one of waiting) await expect(one).rejects.toThrow('deadline')
    await expect(request()).rejects.toEqual(dropped('full'))
    window.answer(1, 'late')
    const next = request()
    window.answer(CAPACITY, 'in time')
    expect(await next).toBe('in time')
  })

  it('sends nothing for a signal that has aborted already', async () => {
    window.open()
    await expect(request(AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
    expect(sent).toEqual([])
  })

  it('tells everyone who waits when it is closed', async () => {
    window.open()
    const waiting = [request(), request()]
    window.close()
    for (const one of waiting) await expect(one).rejects.toBeInstanceOf(CommandDropped)
  })

  it('ignores an answer that nobody waits for', () => {
    window.open()
    expect(() => window.answer(7, 'whom for?')).not.toThrow()
  })
})
