/** The data with its length in front, as libp2p frames it: an unsigned little-endian varint. */
export function withLength(data: Uint8Array): Buffer {
  const prefix: number[] = []
  let rest = data.length
  for (; rest >= 128; rest = Math.floor(rest / 128)) prefix.push((rest % 128) + 128)
  prefix.push(rest)
  const framed = Buffer.allocUnsafeSlow(prefix.length + data.length)
  framed.set(prefix)
  framed.set(data, prefix.length)
  return framed
}
