import { SLOT_FAULTS, UNTIMED_REASONS } from '../mesh/arrival.ts'
import { ARRIVAL_BUCKETS } from '../mesh/lean-buckets.ts'
import { TOPIC_KINDS } from '../mesh/topics.ts'
import type { MetricRow } from './metric-row.ts'

/** What is measured of gossip messages beyond the leanMetrics specification. */
export const MESSAGE_ROWS = [
  {
    name: 'leanmesh_slot_arrival_delay_seconds',
    kind: 'histogram',
    help: "Absolute delay between a gossip message's arrival and the start of its slot",
    labels: { network_id: 'open', topic_kind: TOPIC_KINDS },
    buckets: ARRIVAL_BUCKETS,
    meaning:
      'From the first copy that reaches the observer, against the slot that the message names, or against the ' +
      "wall clock's where `leanmesh_slot_unusable_total` counts one. The same messages as in the delays from the interval that each is due in.",
    origin: 'swarm',
  },
  {
    name: 'leanmesh_untimed_messages_total',
    kind: 'counter',
    help: 'Accepted gossip messages whose arrival was not measured',
    labels: { network_id: 'open', topic_kind: TOPIC_KINDS, reason: UNTIMED_REASONS },
    meaning:
      'Together with the arrival counters this is every message that was accepted. `clock`: the clock was suspect, or too little ' +
      'was known of it to believe a message that seemed off.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_slot_unusable_total',
    kind: 'counter',
    help: "Gossip messages timed by the wall clock's slot, because their own was not there or too far from it",
    labels: { network_id: 'open', topic_kind: TOPIC_KINDS, reason: SLOT_FAULTS },
    meaning:
      'Some of the messages that the arrival counters count. `malformed`: no slot where it should stand; `past` and `future`: one more than ' +
      'four slots away. Where all messages of a kind are counted here, the devnet has another layout than the observer reads.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_duplicates_total',
    kind: 'counter',
    help: 'Copies of gossip messages that were seen before',
    labels: { network_id: 'open', topic_kind: TOPIC_KINDS },
    meaning:
      'What the mesh costs in traffic: copies that came after the first one of a message, accepted or not, within the 24 s that one is remembered.',
    origin: 'swarm',
  },
  {
    name: 'leanmesh_last_message_age_seconds',
    kind: 'gauge',
    help: 'Time since a new gossip message was accepted last',
    labels: { network_id: 'open', topic_kind: TOPIC_KINDS },
    meaning:
      'Tells a network that has gone silent from one that is quiet in one kind only. Absent until the swarm has accepted one, and ' +
      'while the network does not run. Contents are not verified; where the genesis time is known, what names no slot near the present ' +
      'ends no silence.',
  },
  {
    name: 'leanmesh_clock_suspect',
    kind: 'gauge',
    help: '1 while gossip messages say that the clock of this host or the genesis time is wrong',
    labels: { network_id: 'open' },
    meaning:
      'More than three in four of the last 32 blocks and attestations, of each peer at most one of a kind in a slot, came more than 0.1 s too early, or later than ' +
      'a slot, and agree within a slot; 0 again when at most half did. Arrivals are not measured meanwhile. Absent before eight of them.',
  },
  {
    name: 'leanmesh_clock_offset_seconds',
    kind: 'gauge',
    help: 'Median delay of recent blocks and attestations against the slots that they name',
    labels: { network_id: 'open' },
    meaning:
      "Below 0 for messages that come too early. A good clock shows the network's own delay, mostly less than a second; a bad one about how far " +
      'it is off. Absent before eight readings, and while most of them do not agree within a slot.',
  },
] as const satisfies readonly MetricRow[]
