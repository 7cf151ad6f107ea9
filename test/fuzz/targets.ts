import { ANSWER_TARGETS } from './answer-targets.ts'
import { FILE_TARGETS } from './file-targets.ts'
import { GOSSIP_TARGETS } from './gossip-target.ts'
import { SETTINGS_TARGETS } from './settings-targets.ts'
import type { AnyFuzzTarget } from './target.ts'
import { WIRE_TARGETS } from './wire-targets.ts'

/** Every reader of what strangers write. */
export const FUZZ_TARGETS: readonly AnyFuzzTarget[] = [
  ...FILE_TARGETS,
  ...SETTINGS_TARGETS,
  ...WIRE_TARGETS,
  ...ANSWER_TARGETS,
  ...GOSSIP_TARGETS,
]
