import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What gossipsub asked its register for. */
export interface Registration {
  kind: 'gauge' | 'histogram' | 'avg_min_max'
  name: string
  labelNames?: string[]
  buckets?: number[]
  /** The functions that its own source calls on it; `inc down` is an `inc` of a negative amount. */
  calls: string[]
}

export interface GossipsubPackage {
  name: string
  registrations: Registration[]
  /** Its enumerations, by their names. */
  enums: Record<string, Record<string, string>>
  /** Its source, comments included. */
  source: string
}

/** The two generations of js gossipsub as they are installed. */
export async function gossipsubPackages(): Promise<GossipsubPackage[]> {
  return Promise.all(['@libp2p/gossipsub', '@chainsafe/libp2p-gossipsub'].map(readPackage))
}

async function readPackage(name: string): Promise<GossipsubPackage> {
  const folder = dirname(fileURLToPath(import.meta.resolve(name)))
  const source = globSync('**/*.js', { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const metrics = (await import(join(folder, 'metrics.js'))) as Record<string, Record<string, string>> & {
    getMetrics(register: object, topics: Map<string, string>, options: object): Record<string, unknown>
  }
  const types = (await import(join(folder, 'types.js'))) as Record<string, Record<string, string>>
  const register = (kind: Registration['kind']) => (config: object) => ({ ...config, kind })
  const registered = metrics.getMetrics(
    { gauge: register('gauge'), histogram: register('histogram'), avgMinMax: register('avg_min_max') },
    new Map(),
    // Its defaults.
    { gossipPromiseExpireSec: 3, behaviourPenaltyThreshold: 0, maxMeshMessageDeliveriesWindowSec: 1 },
  )
  const registrations = Object.entries(registered)
    .filter((entry): entry is [string, Omit<Registration, 'calls'>] => Object(entry[1]).kind !== undefined)
    .map(([key, config]) => ({ ...config, calls: callsOf(key, source) }))
  return { name, registrations, enums: { ...metrics, ...types }, source }
}

/** gossipsub holds its metrics in an object, always called `metrics` or `this` of that object. */
function callsOf(key: string, source: string): string[] {
  const calls = source.matchAll(
    new RegExp(`(?:metrics\\??|this)\\.${key}\\.(inc|set|observe|startTimer|reset)\\((.*)`, 'g'),
  )
  const named = [...calls].map(([, call = '', rest = '']) =>
    call === 'inc' && /-\d|-\w+\)/.test(rest) ? 'inc down' : call,
  )
  return [...new Set(named)].sort()
}
