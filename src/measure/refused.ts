/** Which limit refused an inbound connection: `rate` is of new ones a second and of handshakes at a time. */
export const REFUSED_CONNECTIONS = ['total', 'address', 'peer', 'rate'] as const
export type RefusedConnection = (typeof REFUSED_CONNECTIONS)[number]

/** Which limit refused an inbound stream: of its connection, or of its protocol on that connection. */
export const REFUSED_STREAMS = ['connection', 'protocol'] as const
export type RefusedStream = (typeof REFUSED_STREAMS)[number]
