import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })

/** `--quick`: a minute in place of several. For a look, not for quoting. */
export const isQuick: boolean = values.quick
