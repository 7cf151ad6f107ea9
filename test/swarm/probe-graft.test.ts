import { expect, test } from 'vitest'
import type { ProbeNode } from '../../src/swarm/probe-node.ts'
import { graft, type ProbeStep } from '../../src/swarm/probe-steps.ts'
import { BLOCK } from '../support/network-states.ts'

test('a peer that neither takes the probe in nor prunes it has not grafted it', async () => {
  const joined: string[] = []
  const node = {
    join: (topic: string) => joined.push(topic),
    backOffSeconds: () => undefined,
    isMeshed: () => false,
  } as Partial<ProbeNode> as ProbeNode
  const steps: ProbeStep[] = []
  const signal = new AbortController().signal
  const target = { peerId: 'peer', addresses: [] }
  const context = { node, target, topics: [BLOCK], forkDigest: '12345678', signal }
  const stop = await graft(BLOCK, { ...context, onStep: (step) => steps.push(step) })
  expect(joined).toEqual([BLOCK])
  expect(stop.outcome).toBe('not_grafted')
  expect(steps).toEqual([{ step: 'graft', ok: false, text: 'not in the mesh of block', facts: { topic: 'block' } }])
})
