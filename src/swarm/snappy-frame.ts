import { compressSync, uncompressSync } from 'snappy'
import { LeanmeshError } from '../errors.ts'
import { announcedLength } from './payload.ts'

/*
 * The snappy framing format, as far as one small message needs it.
 * Source: https://github.com/google/snappy/blob/main/framing_format.txt
 */
const STREAM_IDENTIFIER = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59])
const CHUNK_COMPRESSED = 0x00
const CHUNK_UNCOMPRESSED = 0x01
const FIRST_SKIPPABLE_CHUNK = 0x80
const CHECKSUM_BYTES = 4
const HEADER_BYTES = 4
const CRC32C_POLYNOMIAL = 0x82f63b78

function maskedCrc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0)
  }
  crc = ~crc >>> 0
  return ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0
}

/** `body` as one framed stream: the identifier and one compressed chunk. For bodies of at most 64 KiB. */
export function encodeFrame(body: Uint8Array): Buffer {
  const compressed = compressSync(Buffer.from(body))
  const header = Buffer.alloc(HEADER_BYTES + CHECKSUM_BYTES)
  header.writeUInt8(CHUNK_COMPRESSED, 0)
  header.writeUIntLE(CHECKSUM_BYTES + compressed.length, 1, 3)
  header.writeUInt32LE(maskedCrc32c(body), HEADER_BYTES)
  return Buffer.concat([STREAM_IDENTIFIER, header, compressed])
}

/**
 * The body of a framed stream once all `bodyLength` bytes of it are there; undefined while more has to arrive.
 *
 * @throws LeanmeshError `ERR_SNAPPY_FRAME` when the bytes are no framed stream, a checksum is wrong, or the body is longer than `bodyLength`
 */
export function decodeFrame(stream: Uint8Array, bodyLength: number): Buffer | undefined {
  const bytes = Buffer.from(stream)
  const known = Math.min(bytes.length, STREAM_IDENTIFIER.length)
  if (!bytes.subarray(0, known).equals(STREAM_IDENTIFIER.subarray(0, known))) throw wrong('this is not a snappy stream')
  const parts: Buffer[] = []
  let length = 0
  let offset = STREAM_IDENTIFIER.length
  while (length < bodyLength) {
    if (bytes.length < offset + HEADER_BYTES) return undefined
    const kind = bytes.readUInt8(offset)
    const size = bytes.readUIntLE(offset + 1, 3)
    const start = offset + HEADER_BYTES
    if (bytes.length < start + size) return undefined
    const data = decodeChunk(kind, bytes.subarray(start, start + size), bodyLength - length)
    parts.push(data)
    length += data.length
    offset = start + size
  }
  return Buffer.concat(parts)
}

function decodeChunk(kind: number, chunk: Buffer, maxLength: number): Buffer {
  if (kind >= FIRST_SKIPPABLE_CHUNK) return Buffer.alloc(0)
  if (kind !== CHUNK_COMPRESSED && kind !== CHUNK_UNCOMPRESSED) throw wrong('unknown snappy chunk')
  if (chunk.length < CHECKSUM_BYTES) throw wrong('snappy chunk without a checksum')
  const payload = chunk.subarray(CHECKSUM_BYTES)
  const length = kind === CHUNK_COMPRESSED ? announcedLength(payload) : payload.length
  if (length === undefined || length > maxLength) throw wrong('snappy chunk longer than announced')
  const data = kind === CHUNK_COMPRESSED ? uncompressed(payload) : payload
  if (maskedCrc32c(data) !== chunk.readUInt32LE(0)) throw wrong('wrong checksum in a snappy chunk')
  return data
}

function uncompressed(payload: Buffer): Buffer {
  try {
    return uncompressSync(payload) as Buffer
  } catch (cause) {
    throw wrong('a snappy chunk does not decompress', cause)
  }
}

function wrong(message: string, cause?: unknown): LeanmeshError {
  return new LeanmeshError('ERR_SNAPPY_FRAME', message, { cause })
}
