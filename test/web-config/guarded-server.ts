/** An admin server behind a web config, and requests to it. */
import { request as requestHttp, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { hashSync } from 'bcryptjs'
import { onTestFinished } from 'vitest'
import type { AdminServer } from '../../src/http/admin-server.ts'
import { createWeb, type Web } from '../../src/sidecar-web.ts'
import { startServer } from '../http/admin-fixture.ts'
import { recordingLog } from '../support/recording-log.ts'

/** The cheapest that the format takes. */
export const HASH = hashSync('open sesame', 4)
export const ALICE = 'alice:open sesame'

export interface Answer {
  status: number
  body: string
  headers: IncomingHttpHeaders
}

export interface AskOptions {
  path?: string
  ca?: string
  cert?: string
  key?: string
  /** `<user>:<password>` */
  auth?: string
  agent?: Agent | false
  servername?: string
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  ciphers?: string
  localAddress?: string
}

export async function ask(
  url: string,
  { path = 'metrics', agent = false, ...options }: AskOptions = {},
): Promise<Answer> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp
  const request = send(new URL(path, url), { ...options, agent })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers }
}

/** As an operator or a Secret replaces a file: whole, or not at all. */
async function replaceText(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

export interface WebFolder {
  path: string
  /** Of the web config. */
  file: string
  write(name: string, text: string): Promise<void>
}

/** A folder with a web config and the files that it names. */
export async function webFolder(files: Readonly<Record<string, string>>): Promise<WebFolder> {
  const path = await mkdtemp(join(tmpdir(), 'leanmesh-web-'))
  onTestFinished(() => rm(path, { recursive: true }))
  const write = (name: string, text: string) => replaceText(join(path, name), text)
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return { path, file: join(path, 'web.yaml'), write }
}

export interface GuardedServer extends WebFolder {
  url: string
  port: number
  web: Web
  server: AdminServer
  /** What was logged, in order. */
  lines: readonly string[]
}

/** @param files `web.yaml` is the web config */
export async function guardedServer(
  files: Readonly<Record<string, string>>,
  maxConnections = 16,
): Promise<GuardedServer> {
  const folder = await webFolder(files)
  const { lines, log } = recordingLog()
  const web = createWeb(folder.file, log)
  if (web === undefined) throw new Error('there is no web config')
  onTestFinished(() => web.guard.stop())
  const { server, url, port } = await startServer({ guard: web.guard }, { tls: web.tls, maxConnections })
  return { ...folder, url, port, server, web, lines }
}
