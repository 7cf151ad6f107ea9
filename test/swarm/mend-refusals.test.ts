import { expect, it } from 'vitest'
import { hiddenTables } from '../../src/swarm/mend-hidden-tables.ts'
import { mendInboundUpgrades } from '../../src/swarm/mend-inbound-upgrades.ts'
import { mendOutboundStreams } from '../../src/swarm/mend-outbound-streams.ts'
import { mendInboundStreams } from '../../src/swarm/mend-inbound-streams.ts'
import { createOutbox } from '../../src/swarm/outbox.ts'
import { mendSubscriptions } from '../../src/swarm/mend-subscriptions.ts'
import { SILENT_OBSERVER } from '../support/silent-observer.ts'

/** At start, and not when a peer comes: an update of the dependency is then noticed by whoever makes it. */
it.each<[what: string, mend: () => unknown, refusal: string]>([
  ['back-offs and subscribers', () => hiddenTables({}), 'keeps its tables elsewhere'],
  ['subscriptions', () => mendSubscriptions({}, new Set(), SILENT_OBSERVER), 'keeps subscriptions in another way'],
  [
    'outbound streams',
    () => mendOutboundStreams({}, createOutbox(), () => undefined),
    'has no table of outbound streams',
  ],
  ['inbound streams', () => mendInboundStreams({}, () => undefined), 'reads its streams in another way'],
  ['inbound upgrades', () => mendInboundUpgrades({}, SILENT_OBSERVER), 'upgrades inbound connections in another way'],
])('a dependency that changed where it keeps its %s is refused', (_, mend, refusal) => {
  expect(mend).toThrow(refusal)
})
