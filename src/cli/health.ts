import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { get as getByTls } from 'node:https'
import { isIPv6 } from 'node:net'
import { SettingsError } from '../config/problem.ts'
import type { LoadedSettings } from '../config/settings.ts'
import { errorText, LeanmeshError } from '../errors.ts'
import { EXIT_OK } from './exit-codes.ts'
import { writeLine, type CommandIo } from './io.ts'
import { openableUrl } from './openable-url.ts'

const DEADLINE_MS = 5000

/**
 * `leanmesh health`: asks the sidecar that runs with these settings for `/healthz`. For places that start a program instead
 * of asking over HTTP, such as the health check of an image.
 *
 * @throws SettingsError when the settings do not say where it is, LeanmeshError `ERR_HEALTH` when it does not answer with 200
 */
export async function healthCommand({ settings, problems, whereSet }: LoadedSettings, io: CommandIo): Promise<number> {
  if (problems.length > 0) throw new SettingsError(problems)
  const { 'http.host': host, 'http.port': port } = settings.sidecar
  if (port === 0) {
    const wrong = 'with port 0 only the sidecar itself knows its port'
    const right = 'Give the sidecar and this command the same port.'
    throw new SettingsError([{ setting: 'http.port', where: whereSet('http.port'), wrong, right }])
  }
  const path = `//${isIPv6(host) ? `[${host}]` : host}:${port}/healthz`
  // The file may have changed since the sidecar read it, so the sidecar alone knows whether it serves TLS.
  const schemes = settings.sidecar.web_config === undefined ? ['http'] : ['https', 'http']
  const { url, status } = await firstAnswer(schemes.map((scheme) => openableUrl(`${scheme}:${path}`)))
  if (status !== 200) throw new LeanmeshError('ERR_HEALTH', `${url} answered with ${status}`)
  writeLine(io.stdout, `${url} answers`)
  return EXIT_OK
}

interface HealthAnswer {
  url: string
  status: number | undefined
}

/** Of the first URL whose protocol the other side speaks. */
async function firstAnswer([url = '', ...others]: readonly string[]): Promise<HealthAnswer> {
  try {
    return { url, status: await statusOf(url) }
  } catch (cause) {
    if (others.length > 0 && (cause as NodeJS.ErrnoException).code === 'EPROTO') return firstAnswer(others)
    const isLate = cause instanceof Error && cause.name === 'AbortError'
    const why = isLate ? `no answer within ${DEADLINE_MS / 1000} s` : errorText(cause)
    const hint = 'Is it the address that the sidecar has? Flags given to it must be given here, --web-config too.'
    throw new LeanmeshError('ERR_HEALTH', `${url}: ${why}. ${hint}`, { cause })
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  // Nothing secret is sent and nothing is believed but that it serves, so any certificate does.
  const request = url.startsWith('https:') ? getByTls(url, { signal, rejectUnauthorized: false }) : get(url, { signal })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}
