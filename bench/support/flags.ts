import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    settled: { type: 'boolean', default: false },
    transport: { type: 'string' },
    curve: { type: 'string', multiple: true, default: [] },
  },
})

/** `--quick`: a minute in place of several. For a look, not for quoting. */
export const isQuick: boolean = values.quick

/** `--alone`, of the footprint: the sidecar without the two others. */
export const isAlone: boolean = values.alone

/** `--settled`, of the footprint: only what settles in five minutes at 1,000 messages a second, of the sidecar alone. */
export const isSettling: boolean = values.settled

/** `--transport quic` or `--transport tcp`, of the footprint: only this one. */
export const onlyTransport: string | undefined = values.transport

/** `--curve peers`, of growth, once or more: only these. */
export const onlyCurves: readonly string[] = values.curve
