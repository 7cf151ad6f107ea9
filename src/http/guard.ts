import type { IncomingMessage } from 'node:http'

/** What stands before the routes and may refuse a request. */
export interface Guard {
  /** Headers for every answer, over those that it has anyway; an empty one takes the header away. */
  headers(): ReadonlyMap<string, string>
  /** Undefined: the request may pass. */
  refusal(request: IncomingMessage): Promise<GuardRefusal | undefined>
}

export interface GuardRefusal {
  status: 401 | 403 | 429
  text: string
  headers: Readonly<Record<string, string>>
}

/**
 * Open to everybody, and they say nothing of the network: a kubelet has no client certificate, and what it may send in a
 * header stands in the pod for all to read.
 */
export const OPEN_PATHS: readonly string[] = ['/healthz', '/readyz']
