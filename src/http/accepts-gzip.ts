/** The weight of each coding in an `Accept-Encoding` header; what cannot be read as a weight counts as "no". */
function weights(header: string): Map<string, number> {
  const codings = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((word) => word.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    codings.set(coding, q === undefined ? 1 : Number(q.slice(2)) || 0)
  }
  return codings
}

/**
 * Whether the client takes gzip at least as gladly as the plain text. `identity` that is not listed has no weight of
 * its own: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false
  const codings = weights(header)
  const gzip = codings.get('gzip') ?? codings.get('x-gzip') ?? codings.get('*') ?? 0
  return gzip > 0 && gzip >= (codings.get('identity') ?? 0)
}
