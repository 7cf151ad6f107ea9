import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEPLOY, readManifests } from './manifests.ts'

export interface Rule {
  record?: string
  alert?: string
  expr: string
  for?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

export interface RuleGroups {
  groups: { name: string; rules: Rule[] }[]
}

export function ruleGroups(): RuleGroups {
  const [manifest] = readManifests(join(DEPLOY, 'monitoring/prometheus-rule.yaml'))
  return manifest?.spec as RuleGroups
}

export function rules(): Rule[] {
  return ruleGroups().groups.flatMap((group) => group.rules)
}

/** Their names, in the folder of the runbooks. */
export function runbookFiles(): string[] {
  return globSync('*.md', { cwd: join(DEPLOY, 'runbooks') }).sort()
}

export interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { h: number; w: number; x: number; y: number }
  fieldConfig?: { defaults: { unit?: string } }
  targets?: { expr: string }[]
}

export interface Dashboard {
  uid: string
  panels: Panel[]
  templating: { list: { name: string; multi?: boolean; includeAll?: boolean; query: string | { query: string } }[] }
}

export function dashboard(): Dashboard {
  return JSON.parse(readFileSync(join(DEPLOY, 'monitoring/leanmesh.json'), 'utf8')) as Dashboard
}
