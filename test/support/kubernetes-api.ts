import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface KubernetesPod {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly spec: object
  readonly status: object
}

export interface KubernetesApi extends AsyncDisposable {
  readonly url: string
  /** What was asked for, as `GET /api/v1/pods`. */
  readonly asked: ReadonlySet<string>
}

/** As much of the API as who lists and watches the pods of a cluster needs. The pods never change, and all are selected. */
export async function startKubernetesApi(pods: readonly KubernetesPod[]): Promise<KubernetesApi> {
  const asked = new Set<string>()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    asked.add(`${request.method} ${pathname}`)
    response.setHeader('content-type', 'application/json')
    if (pathname === '/api/v1/pods') answerPods(searchParams, pods, response)
    else answerNotFound(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answerPods(query: URLSearchParams, pods: readonly KubernetesPod[], response: ServerResponse): void {
  const list = { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '1' }, items: pods }
  if (query.get('watch') === null) response.end(JSON.stringify(list))
  // A client that wants the list as events is told that it cannot have that, and asks for the list.
  else if (query.get('sendInitialEvents') === 'true')
    response.writeHead(422).end(JSON.stringify(status(422, 'Invalid')))
  // Nothing changes: the stream stays open and empty.
  else response.flushHeaders()
}

function answerNotFound(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end(JSON.stringify({ ...status(404, 'NotFound'), message: request.url }))
}

function status(code: number, reason: string): object {
  return { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason }
}
