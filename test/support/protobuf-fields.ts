/** One field of a protobuf message, still encoded. */
interface Field {
  number: number
  /** Of a length-delimited field. */
  bytes: Buffer
  /** Of a 64-bit field, read as a double. */
  double: number
}

/** The fields of a protobuf message, in their order: https://protobuf.dev/programming-guides/encoding/ */
export function protobufFields(message: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const [number, wireType] = [Math.floor(tag / 8), tag & 7]
    const field: Field = { number, bytes: Buffer.alloc(0), double: NaN }
    if (wireType === 0) varint()
    else if (wireType === 1) {
      field.double = message.readDoubleLE(at)
      at += 8
    } else if (wireType === 2) {
      const length = varint()
      field.bytes = message.subarray(at, at + length)
      at += length
    } else throw new Error(`wire type ${wireType} is not one of OTLP`)
    fields.push(field)
  }
  return fields
}

/** The encoded values of one field. */
export function messagesOf(message: Buffer, number: number): Buffer[] {
  return protobufFields(message)
    .filter((field) => field.number === number)
    .map(({ bytes }) => bytes)
}
