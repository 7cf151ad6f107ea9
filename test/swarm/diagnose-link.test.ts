import { describe, expect, it } from 'vitest'
import { diagnoseLink, type GossipLink, type LinkFinding } from '../../src/swarm/diagnose-link.ts'

const POLICY = { nudgeAfterMs: 1000, maxNudges: 2, subscribeWithinMs: 3000 }

const CASES: [string, Partial<GossipLink>, LinkFinding][] = [
  ['a peer that subscribed', { speaksMeshsub: true, streamForMs: 9000, subscribed: true }, 'healthy'],
  ['a peer without identify that subscribed', { streamForMs: 9000, subscribed: true }, 'healthy'],
  ['a peer that speaks no gossipsub, after hours', { speaksMeshsub: false, connectedForMs: 1e7 }, 'wait'],
  ['a new connection', { connectedForMs: 999 }, 'wait'],
  ['no identify and no stream in time', { connectedForMs: 1000 }, 'nudge'],
  ['identify but no stream in time', { connectedForMs: 1000, speaksMeshsub: true }, 'nudge'],
  ['one nudge, not long ago', { connectedForMs: 1999, nudges: 1 }, 'wait'],
  ['one nudge, without effect', { connectedForMs: 2000, nudges: 1 }, 'nudge'],
  ['all nudges, the last not long ago', { connectedForMs: 2999, nudges: 2, speaksMeshsub: true }, 'wait'],
  ['all nudges, and it speaks gossipsub', { connectedForMs: 3000, nudges: 2, speaksMeshsub: true }, 'no_stream'],
  ['all nudges, and it never said what it speaks', { connectedForMs: 1e7, nudges: 2 }, 'wait'],
  ['a link that gossipsub dropped', { speaksMeshsub: true, dropped: true, connectedForMs: 1 }, 'stream_lost'],
  ['a link without identify that gossipsub dropped', { dropped: true, connectedForMs: 1 }, 'stream_lost'],
  ['a stream, and not yet subscribed', { speaksMeshsub: true, streamForMs: 2999 }, 'wait'],
  ['a stream, and never subscribed', { speaksMeshsub: true, streamForMs: 3000 }, 'no_subscriptions'],
  ['a stream without identify, and never subscribed', { streamForMs: 3000 }, 'no_subscriptions'],
]

describe('diagnose link', () => {
  it.each(CASES)('%s', (_, link, finding) => {
    const fresh: GossipLink = { connectedForMs: 10_000, subscribed: false, dropped: false, nudges: 0 }
    expect(diagnoseLink({ ...fresh, ...link }, POLICY)).toBe(finding)
  })
})
