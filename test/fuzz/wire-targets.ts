/** What peers send outside gossip's RPCs, and what stands in their messages. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compressSync } from 'snappy'
import { TOPIC_KINDS } from '../../src/mesh/topics.ts'
import { messageSlot } from '../../src/measure/message-slot.ts'
import { largestPlausibleSlot, readHead } from '../../src/measure/read-head.ts'
import { decodePayload } from '../../src/swarm/payload.ts'
import { decodeFrame, encodeFrame } from '../../src/swarm/snappy-frame.ts'
import {
  parseStatusRequest,
  parseStatusResponse,
  STATUS_BODY_BYTES,
  statusRequest,
  statusResponse,
} from '../../src/swarm/status-codec.ts'
import { mutatedBytes } from './mutated.ts'
import { fuzzTarget } from './target.ts'

const body = fc.uint8Array({ minLength: STATUS_BODY_BYTES, maxLength: STATUS_BODY_BYTES })
const GENESIS_SECONDS = 1_770_407_233
const LARGEST_SLOT = largestPlausibleSlot(GENESIS_SECONDS * 1000, GENESIS_SECONDS)

function assertHead(status: Buffer): void {
  assert.equal(status.length, STATUS_BODY_BYTES)
  const head = readHead(status, LARGEST_SLOT)
  if (head)
    assert.ok(head.headSlot <= LARGEST_SLOT && head.finalizedSlot <= LARGEST_SLOT && head.headRoot.length === 64)
}

const statusRequests = fuzzTarget({
  name: 'status-request',
  inputs: mutatedBytes(body.map(statusRequest)),
  form: 'hex',
  weight: 30,
  names: /request|snappy/,
  read(bytes: Uint8Array) {
    const status = parseStatusRequest(bytes)
    if (status) assertHead(status)
    return status !== undefined
  },
})

const statusAnswers = fuzzTarget({
  name: 'status-answer',
  inputs: mutatedBytes(fc.oneof(body.map(statusResponse), fc.constantFrom(Uint8Array.of(1), Uint8Array.of(3)))),
  form: 'hex',
  weight: 30,
  names: /^$/,
  read(bytes: Uint8Array) {
    const answer = parseStatusResponse(bytes)
    if (answer?.result === 'answered') assertHead(answer.body)
    return answer?.result === 'answered'
  },
})

const MAX_BODY_BYTES = 4_096

const frames = fuzzTarget({
  name: 'snappy-frame',
  inputs: mutatedBytes(fc.uint8Array({ maxLength: 200 }).map(encodeFrame)),
  form: 'hex',
  weight: 30,
  names: /snappy/,
  read(bytes: Uint8Array) {
    const sizes = [0, 1, 80, MAX_BODY_BYTES]
    const bodies = sizes.map((size) => decodeFrame(bytes, size))
    bodies.forEach((data, index) => assert.ok(data === undefined || data.length === sizes[index]))
    return bodies.some((data) => data !== undefined && data.length > 0)
  },
})

const MAX_MESSAGE_BYTES = 64 * 1024
const compressed = fc
  .oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat({ max: 200_000 }).map((size) => new Uint8Array(size)),
  )
  .map((data) => compressSync(Buffer.from(data)))

const payloads = fuzzTarget({
  name: 'payload',
  inputs: mutatedBytes(compressed),
  form: 'hex',
  weight: 8,
  names: /^$/,
  read(bytes: Uint8Array) {
    const { data, refused } = decodePayload(bytes, MAX_MESSAGE_BYTES)
    if (data === undefined) {
      assert.ok(['undecodable', 'oversized'].includes(refused ?? ''))
      return false
    }
    assert.ok(data.length <= MAX_MESSAGE_BYTES)
    for (const kind of TOPIC_KINDS) {
      const slot = messageSlot(kind, data)
      assert.ok(slot === undefined || (slot >= 0 && slot <= 2 ** 32))
    }
    return true
  },
})

export const WIRE_TARGETS = [statusRequests, statusAnswers, frames, payloads] as const
