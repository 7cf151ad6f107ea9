import type { LoadedSettings, NetworkSettings } from '../config/settings.ts'
import { errorText } from '../errors.ts'
import type { Names } from '../mesh/names.ts'
import type { WebConfig } from '../web-config/web-config.ts'
import type { PreparedNetwork } from './prepare-network.ts'

function loneWarnings(networks: readonly PreparedNetwork[]): string[] {
  return networks.flatMap(({ options }, index) => {
    if (options.swarm.peers.length > 0) return []
    // The flags set one network; with several, only the file tells which is meant.
    const keys = ['peers', 'genesis', 'companion'].map((key) =>
      networks.length > 1 ? `networks[${index}].${key}` : `--${key}`,
    )
    const set = `${keys.slice(0, -1).join(', ')} or ${keys.at(-1)}${networks.length > 1 ? ' in the YAML file' : ''}`
    return [
      `network ${options.networkId} has no peers: its mesh stays empty unless a peer dials the sidecar; set ${set}`,
    ]
  })
}

function sharedIdentityWarnings(networks: readonly PreparedNetwork[]): string[] {
  const byPeerId = Map.groupBy(networks, ({ peerId }) => peerId)
  return [...byPeerId].flatMap(([peerId, { length }]) => {
    if (peerId === undefined || length < 2) return []
    const ids = networks.filter((network) => network.peerId === peerId).map(({ options }) => options.networkId)
    return [
      `networks ${ids.join(' and ')} have one identity, ${peerId}, and a peer that is in both takes them for one node; make a key for each with \`leanmesh identity --out FILE\``,
    ]
  })
}

function emptyNamesWarnings({ settings, whereSet }: LoadedSettings, names: Names | undefined): string[] {
  const { names: file } = settings.sidecar
  if (file === undefined || names === undefined || names.size > 0) return []
  return [
    `names (${whereSet('names')}): ${errorText(file)} has no names in it, so every peer counts as unknown; \`leanmesh names --genesis DIR --out FILE\` makes a table`,
  ]
}

/** What a subnet beyond those of `config.yaml` means: a topic that no client joins. */
export function absentSubnetWarnings(settings: NetworkSettings, subnets: number, where: string): string[] {
  const { genesis, topics = [] } = settings
  if (genesis === undefined) return []
  const absent = [...new Set(topics)].filter((name) => Number(/^attestation_(\d+)$/.exec(name)?.[1] ?? -1) >= subnets)
  if (absent.length === 0) return []
  const last = subnets === 1 ? 'only attestation_0' : `attestation_0 to attestation_${subnets - 1}`
  return [`topics (${where}): the config.yaml has ${last}, so nobody will be in the mesh of ${absent.join(', ')}`]
}

/** Users without TLS, beyond this machine. */
export function openPasswordWarnings({ settings, whereSet }: LoadedSettings, web: WebConfig | undefined): string[] {
  const { 'http.host': host } = settings.sidecar
  if (web === undefined || web.tls !== undefined || web.users.size === 0) return []
  if (/^(127\.|::1$|localhost$)/.test(host)) return []
  return [
    `web_config (${whereSet('web_config')}): it has users and no tls_server_config, so their passwords can be read on the way; add tls_server_config, or serve on 127.0.0.1 with http.host`,
  ]
}

/** What is allowed, and most likely not meant, of the settings as a whole. */
export function settingsWarnings(
  networks: readonly PreparedNetwork[],
  loaded: LoadedSettings,
  names: Names | undefined,
): string[] {
  // A devnet is made of peers that dial.
  const lone = loaded.settings.sidecar.devnet > 0 ? [] : loneWarnings(networks)
  return [...lone, ...sharedIdentityWarnings(networks), ...emptyNamesWarnings(loaded, names)]
}
