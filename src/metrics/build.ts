import { sample, type Sample } from './sample.ts'

export function buildSamples(version: string): Sample[] {
  return [sample('leanmesh_build_info', { version }, 1)]
}
