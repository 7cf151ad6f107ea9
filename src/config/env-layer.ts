import { quoted } from '../errors.ts'
import { listItems, type Layer, type Raw } from './layer.ts'
import type { Problem } from './problem.ts'
import { envOf, otelEnvOf } from './setting.ts'
import { settingKeys, settingOf, type SettingKey } from './settings-table.ts'
import { suggestion } from './suggestion.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Kubernetes gives every pod variables for each service of its namespace: a service called `leanmesh-http` comes as
 * `LEANMESH_HTTP_PORT=tcp://10.0.0.7:9464`. They are nobody's settings.
 */
const SERVICE_LINK_NAME = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK_NAME.test(name) || (name.endsWith('_PORT') && SERVICE_LINK_VALUE.test(value))
}

function layerOf(env: Environment, namesOf: (key: SettingKey) => readonly string[]): Layer {
  const layer = new Map<SettingKey, Raw>()
  for (const key of settingKeys()) {
    // An empty variable is an absent one: that is what OpenTelemetry says, and what `${X:-}` in a compose file gives.
    const where = namesOf(key).find((name) => env[name] !== undefined && env[name] !== '')
    const text = where === undefined ? undefined : env[where]
    if (where === undefined || text === undefined || isServiceLink(where, text)) continue
    const items = settingOf(key).list === undefined ? [{ text, where }] : listItems([text], where)
    layer.set(key, { where, items })
  }
  return layer
}

/** The `LEANMESH_` variables. */
export function leanmeshEnvLayer(env: Environment): Layer {
  return layerOf(env, (key) => [envOf(key, settingOf(key))])
}

/** The OpenTelemetry variables that the table names. */
export function otelEnvLayer(env: Environment): Layer {
  return layerOf(env, (key) => otelEnvOf(settingOf(key)))
}

/** A `LEANMESH_` variable that sets nothing is most likely a misspelt one. */
export function unknownEnvProblems(env: Environment): Problem[] {
  const known = settingKeys().map((key) => envOf(key, settingOf(key)))
  const problems: Problem[] = []
  for (const [name, value = ''] of Object.entries(env)) {
    if (!name.startsWith('LEANMESH_') || known.includes(name) || isServiceLink(name, value)) continue
    const right = `Remove it, or use a variable that \`leanmesh run --help\` lists.${suggestion(name, known)}`
    problems.push({ setting: quoted(name), where: 'environment', wrong: 'no setting has this variable', right })
  }
  return problems
}
