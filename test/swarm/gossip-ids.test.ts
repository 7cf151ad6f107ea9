import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGossip } from '../../src/swarm/gossip.ts'

const { msgIdToStrFn = () => '' } = createGossip({ maxMessageBytes: 1024 }, () => undefined).options

describe('the text of a message id', () => {
  it('has a character for each byte', () => {
    const id = fc.uint8Array({ minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(id, (bytes) => {
        expect(Buffer.from(msgIdToStrFn(bytes), 'latin1')).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('takes no memory outside of the heap', () => {
    const ids = Array.from({ length: 10_000 }, (_, at) => new Uint8Array(20).fill(at))
    const before = process.memoryUsage().arrayBuffers
    for (const id of ids) msgIdToStrFn(id)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000)
  })
})
