import type { WebConfig } from '../web-config/web-config.ts'
import type { Prepared } from './prepare.ts'
import type { PreparedNetwork } from './prepare-network.ts'

function networkLines({ options, peerId, topicNames, forkDigest }: PreparedNetwork): string[] {
  const { listen, peers, companion, genesisTimeSeconds: genesis } = options.swarm
  const metrics = options.companionMetrics === undefined ? '' : `, its metrics at ${options.companionMetrics}`
  return [
    `network ${options.networkId}`,
    `  listen     ${listen.join(', ')}`,
    `  identity   ${peerId ?? 'a new one at each start'}`,
    `  peers      ${peers.length}`,
    `  companion  ${companion ?? 'none'}${metrics}`,
    `  topics     ${topicNames.join(', ')} (fork digest ${forkDigest})`,
    `  genesis    ${genesis === undefined ? 'no time known (genesis_time): arrivals are not measured' : new Date(genesis * 1000).toISOString()}`,
  ]
}

function audience({ tls, users }: WebConfig): string {
  const certificates =
    tls === undefined || tls.clientAuth === 'NoClientCert' ? [] : [`client certificates: ${tls.clientAuth}`]
  return [...certificates, users.size === 0 ? 'no users: everybody' : `users: ${users.size}`].join(', ')
}

/** What a run would start, for `leanmesh check`. Nothing of the private keys is in it. */
export function summary({ options, networks, web }: Prepared): string {
  const { http, names, devnet, isScraped, otlp } = options
  const host = http.host.includes(':') ? `[${http.host}]` : http.host
  return [
    'The settings are good. `leanmesh run` would start:',
    ...networks.flatMap(networkLines),
    `names        ${names === undefined ? 'none: one series without a label' : `${names.table.size} of ${names.file}`}`,
    `HTTP         ${web?.tls ? 'https' : 'http'}://${host}:${http.port === 0 ? '<any free port>' : http.port}/${isScraped ? 'metrics' : ' without /metrics'}`,
    ...(web ? [`  for        ${audience(web)}`] : []),
    ...(otlp ? [`push         every ${otlp.intervalMs / 1000} s to ${otlp.url}`] : []),
    ...(devnet > 0 ? [`devnet       ${devnet} local peers`] : []),
  ].join('\n')
}
