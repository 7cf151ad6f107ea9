import type { SwarmOptions } from '../channel/messages.ts'
import { createGossipsubRegister, type GossipsubRegister } from '../gossipsub-metrics/register.ts'
import { tellProtocols } from '../gossipsub-metrics/tell-protocols.ts'
import { topicName } from '../mesh/topics.ts'

export interface OwnRegister extends GossipsubRegister {
  /** Which protocols are offered after all. */
  tellProtocols(offered: readonly string[]): void
}

/** What takes gossipsub's own metrics, by the short names of the topics; undefined where they were not asked for. */
export function createOwnRegister({ gossipsubMetrics, topics }: SwarmOptions): OwnRegister | undefined {
  if (gossipsubMetrics !== true) return undefined
  const register = createGossipsubRegister({ topics: topics.map((topic) => [topic, topicName(topic)]) })
  return { ...register, tellProtocols: (offered) => tellProtocols(register.metricsRegister, offered) }
}
