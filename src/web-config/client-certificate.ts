import { TLSSocket } from 'node:tls'
import type { Socket } from 'node:net'
import type { ClientAuthType } from './tls-section.ts'

export interface ClientPolicy {
  clientAuth: ClientAuthType
  allowedSans: readonly string[]
}

/** Why the client's certificate does not do; undefined when it does. */
export function certificateFault(socket: Socket, { clientAuth, allowedSans }: ClientPolicy): string | undefined {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return undefined
  if (!(socket instanceof TLSSocket)) return 'this connection is not TLS'
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined)
    return clientAuth === 'VerifyClientCertIfGiven' ? undefined : 'a client certificate is needed'
  if (clientAuth === 'RequireAnyClientCert') return undefined
  if (!socket.authorized)
    return 'the client certificate is not one of the CA that is trusted here, or it is not valid now'
  const sans = sansOf(certificate.subjectAltName)
  if (allowedSans.length === 0 || allowedSans.some((san) => sans.includes(san))) return undefined
  return 'the client certificate has none of the names that are allowed here'
}

/** Node writes `DNS:a, IP Address:10.0.0.1, URI:spiffe://b, email:c`; a value with a comma in it is a JSON text. */
function sansOf(subjectAltName = ''): string[] {
  const entries = subjectAltName.match(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g) ?? []
  return entries.flatMap((entry) => {
    const [, value = ''] = /^\s*(?:DNS|IP Address|URI|email):(.*)$/s.exec(entry) ?? []
    if (!value.startsWith('"')) return value === '' ? [] : [value]
    try {
      return [String(JSON.parse(value))]
    } catch {
      return []
    }
  })
}
