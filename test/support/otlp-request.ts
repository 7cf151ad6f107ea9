import { messagesOf, protobufFields } from './protobuf-fields.ts'

/** What a push says, decoded. */
export interface OtlpRequest {
  resource: Record<string, string>
  /** By `name{key=value,…}`. */
  values: Record<string, number>
}

/** Decodes an `ExportMetricsServiceRequest` with gauges and sums. */
export function decodeOtlpRequest(body: Buffer): OtlpRequest {
  const request: OtlpRequest = { resource: {}, values: {} }
  for (const resourceMetrics of messagesOf(body, 1)) {
    for (const resource of messagesOf(resourceMetrics, 1)) Object.assign(request.resource, attributes(resource, 1))
    const metrics = messagesOf(resourceMetrics, 2).flatMap((scopeMetrics) => messagesOf(scopeMetrics, 2))
    for (const metric of metrics) Object.assign(request.values, valuesOf(metric))
  }
  return request
}

const [GAUGE, SUM] = [5, 7]

function valuesOf(metric: Buffer): Record<string, number> {
  const name = String(messagesOf(metric, 1)[0])
  const points = [GAUGE, SUM].flatMap((kind) => messagesOf(metric, kind)).flatMap((data) => messagesOf(data, 1))
  return Object.fromEntries(
    points.map((point) => {
      const labels = Object.entries(attributes(point, 7)).map(([key, value]) => `${key}=${value}`)
      const value = protobufFields(point).find(({ number }) => number === 4)?.double
      return [labels.length === 0 ? name : `${name}{${labels.join(',')}}`, value ?? NaN]
    }),
  )
}

/** Key values whose values are strings; others are their number of bytes. */
function attributes(message: Buffer, number: number): Record<string, string> {
  return Object.fromEntries(
    messagesOf(message, number).map((pair) => {
      const [key = '', value = Buffer.alloc(0)] = protobufFields(pair).map(({ bytes }) => bytes)
      return [String(key), String(messagesOf(value, 1)[0] ?? '')]
    }),
  )
}
