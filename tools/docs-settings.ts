import { envOf, flagOf, GROUPS, otelEnvOf, type Group } from '../src/config/setting.ts'
import { MAX_CONFIGURED_NETWORKS, settingKeys, settingOf, type SettingKey } from '../src/config/settings-table.ts'

const INTRODUCTION = `# Settings

Every setting is a flag of \`leanmesh run\` and \`leanmesh check\`, an environment variable, and a key of the YAML file that
\`--config\` names. Later sources override earlier ones: defaults, the YAML file, \`OTEL_*\`, \`LEANMESH_*\`, flags. A list is
replaced as a whole. An empty variable counts as absent. Paths are relative to the working directory.

\`leanmesh check\` reads everything that \`run\` would use, says all that is wrong at once, and starts nothing.

Generated from \`src/config/\` by \`npm run docs\`; do not edit.
`

const EXAMPLE = `## The YAML file

Settings of the sidecar stand at the top, nested by the dots in their keys. Settings of a network stand in the items of
\`networks\`, of which there are at most ${MAX_CONFIGURED_NETWORKS}. With one item, flags and variables override it; with several, a setting of a network
can only be set in the file. Unknown keys are errors. [settings.schema.json](settings.schema.json) describes the file to
an editor: begin it with the line

\`\`\`yaml
# yaml-language-server: $schema=docs/settings.schema.json
http:
  host: 0.0.0.0
names: names.json
networks:
  - name: devnet-4
    genesis: genesis/
    companion: zeam_0
    identity: sidecar.key
  - name: devnet-5
    peers:
      - /dns4/zeam-0.devnet-5/udp/9001/quic-v1/p2p/16Uiu2HAmDrk5YpvNQYL7e3oAhcyACqSU9zFBYcNsNJxUT9xrUDjT
    topics: [block, aggregation]
\`\`\`
`

const SCOPES = { global: 'the sidecar', network: 'each network', start: 'not in the file' } as const

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

function defaultCell({ default: value, defaultNote }: ReturnType<typeof settingOf>): string {
  if (defaultNote !== undefined) return cell(defaultNote)
  if (value === undefined) return 'none'
  if (typeof value === 'string') return `\`${value}\``
  return value.length === 0 ? 'empty' : value.map((item) => `\`${item}\``).join(', ')
}

function row(key: SettingKey): string {
  const setting = settingOf(key)
  const variables = [envOf(key, setting), ...otelEnvOf(setting)]
  const kind = setting.list === undefined ? '' : ' A list.'
  const cells = [
    `\`${key}\``,
    `\`${flagOf(key, setting)} ${setting.bare === undefined ? setting.metavar : `[${setting.metavar}]`}\``,
    variables.map((name) => `\`${name}\``).join(', '),
    defaultCell(setting),
    SCOPES[setting.scope],
    cell(`${setting.help}.${kind} Takes ${setting.expects}.`),
  ]
  return `| ${cells.join(' | ')} |`
}

function section(group: Group): string {
  const rows = settingKeys().filter((key) => settingOf(key).group === group)
  const head = ['| key | flag | variables | default | set for | what |', '| --- | --- | --- | --- | --- | --- |']
  return [`## ${group}`, '', ...head, ...rows.map(row), ''].join('\n')
}

/** The text of `docs/settings.md`. */
export function settingsDocument(): string {
  return [INTRODUCTION, ...GROUPS.map(section), EXAMPLE].join('\n')
}
