import { SettingsError } from '../config/problem.ts'
import { metricsExporters } from '../config/metrics-exporters.ts'
import type { LoadedSettings } from '../config/settings.ts'
import { readNames } from '../genesis/names-file.ts'
import type { Names } from '../mesh/names.ts'
import type { SidecarOptions } from '../sidecar.ts'
import { loadWebConfig } from '../web-config/load-web-config.ts'
import type { WebConfig } from '../web-config/web-config.ts'
import { createProblemList, type ProblemList } from './file-problems.ts'
import { prepareNetwork, type PreparedNetwork } from './prepare-network.ts'
import { otlpWarnings, prepareOtlp } from './prepare-otlp.ts'
import { resourceOf } from './resource.ts'
import { openPasswordWarnings, settingsWarnings } from './settings-warnings.ts'

/** What a run needs, with every file read and checked. */
export interface Prepared {
  options: SidecarOptions
  networks: PreparedNetwork[]
  /** Absent: plain HTTP for everybody. */
  web?: WebConfig
  /** Sentences for standard error. */
  warnings: string[]
}

async function prepareNames(loaded: LoadedSettings, list: ProblemList): Promise<Names | undefined> {
  const { names: file } = loaded.settings.sidecar
  if (file === undefined) return undefined
  return list.attempt({ key: 'names', where: loaded.whereSet('names') }, () => readNames(file))
}

async function prepareWebConfig(loaded: LoadedSettings, list: ProblemList): Promise<WebConfig | undefined> {
  const { web_config: file } = loaded.settings.sidecar
  if (file === undefined) return undefined
  const web = await list.attempt({ key: 'web_config', where: loaded.whereSet('web_config') }, () => loadWebConfig(file))
  return web?.config
}

/**
 * Reads and checks every file that the settings name. `check` and `run` both do it, so that what one accepts the other
 * starts.
 *
 * @throws SettingsError with every problem of the settings and of the files
 */
export async function prepare(loaded: LoadedSettings, { isTerminal }: { isTerminal: boolean }): Promise<Prepared> {
  const list = createProblemList(loaded.problems)
  const { sidecar } = loaded.settings
  const names = await prepareNames(loaded, list)
  const web = await prepareWebConfig(loaded, list)
  const networks: PreparedNetwork[] = []
  for (const index of loaded.settings.networks.keys()) {
    networks.push(await prepareNetwork(index, loaded, { names, list }))
  }
  const exporters = metricsExporters(loaded.settings, loaded.whereSet)
  const otlp = exporters.otlp ? await prepareOtlp(loaded, list) : undefined
  if (list.problems.length > 0) throw new SettingsError(list.problems)

  const { names: file, devnet } = sidecar
  const format = sidecar['log.format']
  const options: SidecarOptions = {
    networks: networks.map(({ options }) => options),
    http: { host: sidecar['http.host'], port: sidecar['http.port'], maxConnections: sidecar['http.max_connections'] },
    ...(sidecar.web_config !== undefined && { webConfig: sidecar.web_config }),
    isScraped: exporters.prometheus,
    ...(otlp && { otlp }),
    resource: resourceOf(sidecar),
    devnet,
    hasLeanNodeInfo: sidecar.lean_node_info,
    snapshotDeadlineMs: sidecar.snapshot_deadline_ms,
    log: { level: sidecar['log.level'], format: format === 'auto' ? (isTerminal ? 'text' : 'json') : format },
    ...(names === undefined || file === undefined ? {} : { names: { table: names, file } }),
  }
  const warnings = [
    ...networks.flatMap((network) => network.warnings),
    ...settingsWarnings(networks, loaded, names),
    ...otlpWarnings(loaded, otlp),
    ...openPasswordWarnings(loaded, web),
  ]
  // Two networks may have one file, and what is to be said of it is said once.
  return { options, networks, ...(web && { web }), warnings: [...new Set(warnings)] }
}
