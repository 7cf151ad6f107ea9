import { Hono, type Context } from 'hono'
import { errorText } from '../errors.ts'
import type { Logger } from '../log.ts'
import { json, plainText, send, setHeader, type Answer, type Env } from './answer.ts'
import { type Guard, OPEN_PATHS } from './guard.ts'
import type { HistoryPoint } from '../mesh/history.ts'
import type { CompanionsDocument, MeshDocument } from '../verdict/mesh-document.ts'
import { securityHeaders } from './security-headers.ts'
import { sharedAnswer } from './shared-answer.ts'
import { statusPage } from '../page/status-page.ts'
import { LIVE_SCRIPT } from '../page/live-script.ts'
import { STYLE_HASH } from '../page/style.ts'

export type ScrapeOutcome = { ok: true; body: string; contentType: string } | { ok: false; reason: string }

/** What the routes ask of the rest of the sidecar. */
export interface RouteDeps {
  /** One collection of all metrics. It has its own deadline; a rejection counts as a failure. Absent: not served. */
  scrape?: (() => Promise<ScrapeOutcome>) | undefined
  mesh(): MeshDocument
  /** The last hour of a network. */
  history(networkId: string): readonly HistoryPoint[]
  /** Whether this process wants to be asked; `reason` says why (not). */
  ready(): { ready: boolean; reason: string }
  /** Absent: everybody may ask for everything. */
  guard?: Guard | undefined
  log: Logger
}

export const PATHS = ['/', '/live.js', '/metrics', '/v1/mesh', '/v1/companion', '/healthz', '/readyz'] as const
const MAX_URL_LENGTH = 1024

const NOT_FOUND = `not found. This server has:
  /         status page
  /metrics  metrics for Prometheus
  /v1/mesh  the mesh as JSON
  /v1/companion  how the client beside it takes part, as JSON
  /healthz  200 while the process serves
  /readyz   200 once it is started, 503 when it is stopping`

const NOT_SCRAPED = `/metrics is switched off: metrics.exporters does not name prometheus.
Set it where it is set now to prometheus, or to prometheus,otlp: --metrics-exporters, LEANMESH_METRICS_EXPORTERS,
OTEL_METRICS_EXPORTER or metrics.exporters in the config file, of which the first one counts.`

/** No route takes a body, so one that announces it is refused before it is read. */
function hasBody(context: Context<Env>): boolean {
  const { headers } = context.env.incoming
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** The answer to a request that no route may see. */
function refusal(context: Context<Env>): Answer | undefined {
  const { url = '' } = context.env.incoming
  if (url.length > MAX_URL_LENGTH) return plainText(414, `the URL is longer than ${MAX_URL_LENGTH} characters`)
  const isKnown = PATHS.some((path) => path === context.req.path)
  const isRead = context.req.method === 'GET' || context.req.method === 'HEAD'
  if (isKnown && !isRead) {
    setHeader(context, 'Allow', 'GET, HEAD')
    return plainText(405, `${context.req.path} answers GET and HEAD only`)
  }
  return isKnown && hasBody(context) ? plainText(413, 'requests with a body are not accepted') : undefined
}

async function metrics(deps: RouteDeps): Promise<Answer> {
  if (deps.scrape === undefined) return plainText(404, NOT_SCRAPED)
  const outcome = await deps
    .scrape()
    .catch((error: unknown): ScrapeOutcome => ({ ok: false, reason: errorText(error) }))
  if (outcome.ok) return { status: 200, contentType: outcome.contentType, body: outcome.body }
  deps.log.warn({ reason: outcome.reason }, 'a scrape failed')
  return plainText(503, `the metrics could not be collected: ${outcome.reason}`)
}

function companions({ version, generatedAt, networks }: MeshDocument): CompanionsDocument {
  const named = networks.flatMap(({ networkId, companion }) => (companion ? [{ networkId, ...companion }] : []))
  return { version, generatedAt, networks: named }
}

function page(deps: RouteDeps, isRefreshing: boolean): () => Promise<Answer> {
  const options = {
    isRefreshing,
    isScraped: deps.scrape !== undefined,
    history: (networkId: string) => deps.history(networkId),
  }
  return sharedAnswer(async () => {
    const body = await statusPage(deps.mesh(), options)
    return { status: 200, contentType: 'text/html; charset=utf-8', body }
  })
}

/** The guard's answer to a request that may not pass. */
async function guarded(context: Context<Env>, guard: Guard | undefined): Promise<Answer | undefined> {
  const refused = OPEN_PATHS.includes(context.req.path) ? undefined : await guard?.refusal(context.env.incoming)
  if (refused === undefined) return undefined
  for (const [name, value] of Object.entries(refused.headers)) setHeader(context, name, value)
  return plainText(refused.status, refused.text)
}

/** The routes of the admin server, and what each answers. */
export function createRoutes(deps: RouteDeps): Hono<Env> {
  const app = new Hono<Env>()
  const headers = Object.entries(securityHeaders(STYLE_HASH))
  app.use(async (context, next) => {
    for (const [name, value] of [...headers, ...(deps.guard?.headers() ?? [])]) setHeader(context, name, value)
    const refused = (await guarded(context, deps.guard)) ?? refusal(context)
    if (refused === undefined) return next()
    setHeader(context, 'Connection', 'close')
    return send(context, refused)
  })
  app.get('/metrics', async (context) => send(context, await metrics(deps)))
  app.get('/healthz', async (context) => send(context, plainText(200, 'ok')))
  app.get('/readyz', async (context) => {
    const { ready, reason } = deps.ready()
    return send(context, plainText(ready ? 200 : 503, reason))
  })
  app.get('/v1/mesh', async (context) => send(context, json(deps.mesh())))
  app.get('/v1/companion', async (context) => send(context, json(companions(deps.mesh()))))
  const [still, refreshing] = [page(deps, false), page(deps, true)]
  app.get('/', async (context) =>
    send(context, await (context.req.query('refresh') === undefined ? still() : refreshing())),
  )
  app.get('/live.js', async (context) =>
    send(context, { status: 200, contentType: 'text/javascript; charset=utf-8', body: LIVE_SCRIPT }),
  )
  app.notFound(async (context) => {
    // A body that comes with it stays unread, so the connection is of no more use.
    if (hasBody(context)) setHeader(context, 'Connection', 'close')
    return send(context, plainText(404, NOT_FOUND))
  })
  app.onError(async (error, context) => {
    deps.log.error({ err: error, path: context.req.path }, 'a request failed')
    return send(context, plainText(500, `the request failed: ${errorText(error)}`))
  })
  return app
}
