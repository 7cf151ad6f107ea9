/** What a real peer says, a line of JSON each: test/peers/README.md. */
export interface PeerState {
  readonly event: 'state'
  readonly connected: readonly string[]
  readonly mesh: Readonly<Record<string, readonly string[]>>
  readonly subscribers: Readonly<Record<string, readonly string[]>>
}

export interface PeerMessage {
  readonly event: 'message'
  readonly topic: string
  readonly from: string
  readonly bytes: number
  readonly sha256: string
}

export interface PeerStats {
  readonly event: 'stats'
  readonly received: number
  readonly bytes: number
  /** Messages that came again. Go only. */
  readonly copies?: number
  /** Messages, as often as they were sent. Go only. */
  readonly sent?: number
}

/** What the messages of Go floods took to come, since it was last asked. */
export interface PeerDelays {
  readonly event: 'delays'
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export type PeerEvent =
  | PeerState
  | PeerMessage
  | { readonly event: 'listening'; readonly peerId: string; readonly addresses: readonly string[] }
  | { readonly event: 'dialed'; readonly address: string; readonly ok: boolean; readonly error?: string }
  | { readonly event: 'published'; readonly ok: boolean; readonly error?: string }
  | { readonly event: 'flooded'; readonly sent: number; readonly failed: number }
  | PeerStats
  | PeerDelays
  | { readonly event: 'message-id'; readonly id: string }
  | { readonly event: 'status'; readonly code?: number; readonly hex?: string; readonly error?: string }
  | { readonly event: 'status-request'; readonly peer: string; readonly hex: string }
  | { readonly event: 'error'; readonly error: string; readonly command: string }

/** The event of this name. */
export type EventOf<Name extends PeerEvent['event']> = Extract<PeerEvent, { event: Name }>
