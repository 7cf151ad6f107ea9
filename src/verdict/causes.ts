import { type Cause, told } from './cause.ts'
import type { MeshDocument, NetworkDocument } from './mesh-document.ts'
import { networkCauses } from './network-causes.ts'
import { printable } from '../mesh/printable.ts'

const LEVELS: readonly Cause['level'][] = ['wrong', 'well', 'note']

/** Why the meshes are as they are: at least one cause, the likeliest first. Deterministic. */
export function causesOf(document: MeshDocument): Cause[] {
  const causes = [...document.networks.flatMap(placed), ...commonCauses(document)]
  return causes.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
}

/** Those that are of no network alone. */
export function commonCauses(document: MeshDocument): Cause[] {
  return [...noNetworks(document), ...neverSeen(document), ...refreshers(document)]
}

function placed(network: NetworkDocument): Cause[] {
  return networkCauses(network).map(({ kind, level, sentence, evidence }) => ({
    kind,
    level,
    networkId: printable(network.networkId),
    sentence: printable(sentence),
    evidence: evidence.map((text) => printable(text)),
  }))
}

function noNetworks({ networks }: MeshDocument): Cause[] {
  if (networks.length > 0) return []
  return [{ kind: 'no_networks', level: 'wrong', sentence: 'The sidecar observes no network.', evidence: [] }]
}

function neverSeen({ neverSeen: names }: MeshDocument): Cause[] {
  if (names.length === 0) return []
  const who = names.length === 1 ? 'One peer' : `${names.length} peers`
  const sentence = `${who} of the names table never connected since the sidecar started: down, not reachable, or another key.`
  return [{ kind: 'never_seen', level: 'wrong', sentence, evidence: told(names) }]
}

function refreshers({ refreshers: failing = [] }: MeshDocument): Cause[] {
  if (failing.length === 0) return []
  const sentence = 'What the last scrape brought may be old or missing: not everything could be refreshed.'
  const evidence = told(failing.map(({ name, error }) => `${name}: ${error}`))
  return [{ kind: 'refresher', level: 'wrong', sentence, evidence }]
}
