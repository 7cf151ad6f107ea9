import { createSecureContext } from 'node:tls'
import { isEndpointOurs } from '../config/metrics-exporters.ts'
import type { LoadedSettings } from '../config/settings.ts'
import type { SettingKey } from '../config/settings-table.ts'
import { errorText } from '../errors.ts'
import { readTextFile } from '../genesis/read-text-file.ts'
import type { OtlpOptions } from '../sidecar.ts'
import type { ProblemList } from './file-problems.ts'
import { instanceIdWarning } from './resource.ts'

const PATH = '/v1/metrics'

/** The variable for metrics alone is the whole URL; everything else is the receiver, for all signals. */
function pushUrl({ settings, whereSet }: LoadedSettings): string {
  const endpoint = settings.sidecar['otlp.endpoint']
  if (whereSet('otlp.endpoint') === 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT') return endpoint
  const bare = endpoint.replace(/\/+$/, '')
  return bare.endsWith(PATH) ? bare : `${bare}${PATH}`
}

type PemKey = Extract<SettingKey, 'otlp.certificate' | 'otlp.client_certificate' | 'otlp.client_key'>

/** Reads the PEM files and checks that TLS takes them. */
async function prepareTls(loaded: LoadedSettings, list: ProblemList): Promise<OtlpOptions['tls']> {
  const { settings, whereSet } = loaded
  const read = async (key: PemKey, option: 'ca' | 'cert' | 'key') => {
    const path = settings.sidecar[key]
    if (path === undefined) return {}
    const where = whereSet(key)
    const pem = await list.attempt({ key, where }, () => readTextFile(path))
    if (pem === undefined) return {}
    const wrong = pemProblem(pem, option)
    if (wrong !== undefined) list.add({ setting: key, where, wrong, right: 'Use a PEM file of that kind.' })
    return { [option]: pem }
  }
  const tls: NonNullable<OtlpOptions['tls']> = {
    ...(await read('otlp.certificate', 'ca')),
    ...(await read('otlp.client_certificate', 'cert')),
    ...(await read('otlp.client_key', 'key')),
  }
  checkPair(loaded, tls, list)
  return tls
}

function pemProblem(pem: string, option: 'ca' | 'cert' | 'key'): string | undefined {
  const [begin, what] =
    option === 'key'
      ? [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'private key']
      : [/-----BEGIN CERTIFICATE-----/, 'certificate']
  if (!begin.test(pem)) return `it holds no ${what}`
  try {
    createSecureContext({ [option]: pem })
    return undefined
  } catch (error) {
    return `its ${what} cannot be read (${errorText(error)})`
  }
}

function checkPair(
  { settings, whereSet }: LoadedSettings,
  { cert, key }: NonNullable<OtlpOptions['tls']>,
  list: ProblemList,
) {
  const certificateFile = settings.sidecar['otlp.client_certificate']
  const keyFile = settings.sidecar['otlp.client_key']
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    const [given, missing] =
      keyFile === undefined
        ? (['client_certificate', 'client_key'] as const)
        : (['client_key', 'client_certificate'] as const)
    const wrong = `it stands without otlp.${missing}`
    list.add({ setting: `otlp.${given}`, where: whereSet(`otlp.${given}`), wrong, right: 'Set both or neither.' })
  }
  if (
    cert === undefined ||
    key === undefined ||
    pemProblem(cert, 'cert') !== undefined ||
    pemProblem(key, 'key') !== undefined
  )
    return
  try {
    createSecureContext({ cert, key })
  } catch {
    const wrong = 'it is not the key of otlp.client_certificate'
    list.add({
      setting: 'otlp.client_key',
      where: whereSet('otlp.client_key'),
      wrong,
      right: 'Use the key that belongs to it.',
    })
  }
}

/** What the push needs, with its files read and checked. */
export async function prepareOtlp(loaded: LoadedSettings, list: ProblemList): Promise<OtlpOptions> {
  const { sidecar } = loaded.settings
  const tls = await prepareTls(loaded, list)
  return {
    url: pushUrl(loaded),
    headers: Object.fromEntries(sidecar['otlp.headers']),
    compression: sidecar['otlp.compression'],
    intervalMs: sidecar['otlp.interval_ms'],
    exportTimeoutMs: sidecar['otlp.export_timeout_ms'],
    requestTimeoutMs: sidecar['otlp.timeout_ms'],
    ...(tls && Object.keys(tls).length > 0 && { tls }),
  }
}

/** Sentences about settings of the push that have no effect, or not the one that was meant. */
export function otlpWarnings({ settings, whereSet }: LoadedSettings, otlp: OtlpOptions | undefined): string[] {
  const where = whereSet('otlp.endpoint')
  if (otlp === undefined) {
    return isEndpointOurs(whereSet)
      ? [`nothing is pushed to otlp.endpoint (${where}): add otlp to metrics.exporters`]
      : []
  }
  const instanceId = instanceIdWarning(settings.sidecar)
  return [
    ...(instanceId === undefined ? [] : [instanceId]),
    ...(otlp.tls && otlp.url.startsWith('http:')
      ? [`the certificates of the push are not used, because otlp.endpoint (${where}) is not https://`]
      : []),
  ]
}
