export { probe, type ProbeOptions } from './swarm/probe.ts'
export type { ProbeOutcome, ProbeStep } from './swarm/probe-steps.ts'
