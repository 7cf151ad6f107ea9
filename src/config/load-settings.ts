import { errorText } from '../errors.ts'
import { checkValue } from './check-value.ts'
import { clashes } from './clashes.ts'
import { leanmeshEnvLayer, otelEnvLayer, unknownEnvProblems, type Environment } from './env-layer.ts'
import { flagLayer, type FlagTexts } from './flag-layer.ts'
import type { Layer, Raw } from './layer.ts'
import { exporterClashes, isForOthers, metricsExporters } from './metrics-exporters.ts'
import type { Problem } from './problem.ts'
import { settingKeys, settingOf, type SettingKey } from './settings-table.ts'
import type { LoadedSettings, NetworkSettings, Settings, SidecarSettings, WhereSet } from './settings.ts'
import { readYamlSettings, type YamlSettings } from './yaml-settings.ts'

export interface SettingsSources {
  flags: FlagTexts
  env: Environment
}

export interface SettingsDeps {
  /** Reads a text file of bounded size. Rejects with a sentence that a person can read. */
  readTextFile(path: string): Promise<string>
}

type Report = (problem: Problem) => void

function defaultRaw(key: SettingKey): Raw | undefined {
  const { default: value } = settingOf(key)
  if (value === undefined) return undefined
  const texts = typeof value === 'string' ? [value] : value
  return { where: 'default', items: texts.map((text) => ({ text, where: 'default' })) }
}

/** The raw value that counts for each setting of a scope: the last layer that has one. */
function effective(scope: 'global' | 'network', layers: readonly Layer[]): Map<SettingKey, Raw> {
  const raws = new Map<SettingKey, Raw>()
  for (const key of settingKeys(scope)) {
    const raw = layers.findLast((layer) => layer.has(key))?.get(key) ?? defaultRaw(key)
    if (raw !== undefined) raws.set(key, raw)
  }
  return raws
}

function checkAll(scope: 'global' | 'network', raws: ReadonlyMap<SettingKey, Raw>, report: Report): object {
  const values = settingKeys(scope).map((key) => {
    const raw = raws.get(key)
    const value = raw === undefined ? undefined : checkValue(key, raw, report)
    if (value !== undefined) return [key, value]
    // A wrong value is reported; the default in its place lets the checks after it find what else is wrong.
    const instead = defaultRaw(key)
    return [key, instead === undefined ? undefined : checkValue(key, instead, report)]
  })
  return Object.fromEntries(values) as object
}

async function readYaml(raw: Raw | undefined, deps: SettingsDeps, report: Report): Promise<YamlSettings> {
  const none = { global: new Map(), problems: [] }
  if (raw === undefined) return none
  const path = checkValue('config', raw, report)
  if (typeof path !== 'string') return none
  try {
    return readYamlSettings(await deps.readTextFile(path), errorText(path))
  } catch (error) {
    const right = 'Give the path of a YAML file that can be read, or leave it out.'
    report({ setting: 'config', where: raw.where, wrong: errorText(error), right })
    return none
  }
}

function perNetworkProblems(layers: readonly Layer[], networks: number): Problem[] {
  if (networks < 2) return []
  return layers.flatMap((layer) =>
    [...layer].flatMap(([key, { where }]) => {
      if (settingOf(key).scope !== 'network') return []
      const wrong = `it is a setting of one network, and the YAML file has ${networks}`
      return [{ setting: key, where, wrong, right: `Set ${key} in the items of networks in the YAML file instead.` }]
    }),
  )
}

/**
 * Merges defaults < YAML < `OTEL_*` < `LEANMESH_*` < flags, and checks the outcome. Never rejects for bad input: what
 * is wrong is in `problems`, so that the files which the settings name can be checked too before anything is reported.
 */
export async function loadSettings(sources: SettingsSources, deps: SettingsDeps): Promise<LoadedSettings> {
  const problems: Problem[] = []
  const report = (problem: Problem) => void problems.push(problem)
  const [otel, env, flags] = [otelEnvLayer(sources.env), leanmeshEnvLayer(sources.env), flagLayer(sources.flags)]
  const yaml = await readYaml(flags.get('config') ?? env.get('config'), deps, report)
  problems.push(...yaml.problems, ...unknownEnvProblems(sources.env))
  problems.push(...perNetworkProblems([env, flags], yaml.networks?.length ?? 0))

  const sidecarRaws = effective('global', [yaml.global, otel, env, flags])
  const yamlNetworks = yaml.networks ?? []
  const networkLayers = yamlNetworks.length > 1 ? yamlNetworks.map((layer) => [layer]) : [[...yamlNetworks, env, flags]]
  const networkRaws = networkLayers.map((layers) => effective('network', layers))
  // The keys and types of these objects are those of the table, which the type of each row's schema was derived from.
  const settings: Settings = {
    sidecar: checkAll('global', sidecarRaws, report) as SidecarSettings,
    networks: networkRaws.map((raws) => checkAll('network', raws, report) as NetworkSettings),
  }
  const whereSet: WhereSet = (key, network = 0, item) => {
    const raw = (settingOf(key).scope === 'network' ? networkRaws[network] : sidecarRaws)?.get(key)
    return (item === undefined ? raw?.where : raw?.items[item]?.where) ?? 'default'
  }
  problems.push(...clashes(settings, whereSet), ...exporterClashes(settings, whereSet))
  const exporters = metricsExporters(settings, whereSet)
  return { settings, whereSet, problems: problems.filter((problem) => !isForOthers(problem, exporters)) }
}
