import { join } from 'node:path'
import { loadSettings, type SettingsSources } from '../config/load-settings.ts'
import { SettingsError } from '../config/problem.ts'
import type { NetworkSettings } from '../config/settings.ts'
import { LeanmeshError } from '../errors.ts'
import { readGenesisConfig } from '../genesis/genesis-config.ts'
import { MULTIADDR_EXAMPLE } from '../genesis/multiaddr-peer.ts'
import { parsePeer } from '../genesis/peers.ts'
import { readTextFile } from '../genesis/read-text-file.ts'
import type { PeerTarget } from '../mesh/peer-target.ts'
import { defaultTopicNames, leanTopic } from '../mesh/topics.ts'
import type { ProbeOptions } from '../sidecar-probe.ts'
import { createProblemList } from './file-problems.ts'

/**
 * What a command line says of a probe.
 *
 * @throws LeanmeshError when the peer, a setting or a file is wrong
 */
export async function prepareProbe(
  peer: string,
  sources: SettingsSources,
): Promise<Omit<ProbeOptions, 'agent' | 'timeoutMs'>> {
  const target = peerOf(peer)
  const { settings, problems, whereSet } = await loadSettings(sources, { readTextFile })
  const list = createProblemList(problems)
  // There is always one: no YAML file is read that could have more.
  const { genesis, genesis_time: time, fork_digest: forkDigest, topics } = settings.networks[0] as NetworkSettings
  const config =
    genesis === undefined
      ? undefined
      : await list.attempt({ key: 'genesis', where: whereSet('genesis') }, () =>
          readGenesisConfig(join(genesis, 'config.yaml')),
        )
  if (list.problems.length > 0) throw new SettingsError(list.problems)
  const names = [...new Set(topics ?? defaultTopicNames(config?.attestationCommitteeCount ?? 1))]
  const genesisTimeSeconds = time ?? config?.genesisTimeSeconds
  return {
    target,
    forkDigest,
    topics: names.map((name) => leanTopic(forkDigest, name)),
    ...(genesisTimeSeconds !== undefined && { genesisTimeSeconds }),
  }
}

function peerOf(text: string): PeerTarget {
  const target = parsePeer(text)
  if (target) return target
  const wrong = `"${text}" is neither a multiaddr nor an ENR`
  throw new LeanmeshError('ERR_PEER_INVALID', `${wrong}; write it as ${MULTIADDR_EXAMPLE}`)
}
