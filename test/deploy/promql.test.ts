import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { metricRow } from '../../src/metrics/catalogue.ts'
import { DEPLOY } from '../support/manifests.ts'
import { dashboard, rules, runbookFiles } from '../support/monitoring.ts'
import { parseExpression } from '../support/promql.ts'

/** What the scrape adds to each series. */
const TARGET_LABELS = ['network', 'job', 'instance', 'namespace', 'pod', 'container', 'endpoint']

const recorded = new Map(rules().flatMap(({ record, expr }) => (record === undefined ? [] : [[record, expr] as const])))

/** The labels that a metric can have beside the target's; undefined when there is no such metric. */
function labelsOf(metric: string): readonly string[] | undefined {
  const [, histogram = '', suffix] = /^(.+)_(bucket|sum|count)$/.exec(metric) ?? []
  const parts = metricRow(histogram)
  if (parts?.kind === 'histogram') return [...Object.keys(parts.labels), ...(suffix === 'bucket' ? ['le'] : [])]
  const row = metricRow(metric)
  if (row !== undefined) return row.kind === 'histogram' ? undefined : Object.keys(row.labels)
  if (metric === 'up' || metric === 'ALERTS') return []
  const expression = recorded.get(metric)
  if (expression === undefined) return undefined
  return parseExpression(expression).selectors.flatMap((selector) => labelsOf(selector.metric) ?? [])
}

function problemsOf(expression: string): string[] {
  const { problems, selectors, groupedBy } = parseExpression(expression)
  if (selectors.length === 0) problems.push(`no metric in ${expression}`)
  for (const { metric, labels } of selectors) {
    const known = labelsOf(metric)
    if (known === undefined) problems.push(`there is no metric ${metric}`)
    const wrong = labels.filter((label) => ![...TARGET_LABELS, ...(known ?? [])].includes(label))
    problems.push(...wrong.map((label) => `${metric} has no label ${label}`))
  }
  const all = [...TARGET_LABELS, ...selectors.flatMap(({ metric }) => labelsOf(metric) ?? [])]
  problems.push(...groupedBy.filter((label) => !all.includes(label)).map((label) => `nothing has the label ${label}`))
  return problems
}

describe('an expression parses and names metrics and labels that exist', () => {
  test.each(rules().map(({ record, alert, expr }) => [record ?? alert, expr]))('in the rule %s', (_, expr) => {
    expect(problemsOf(expr ?? '')).toEqual([])
  })

  const panels = dashboard().panels.filter(({ type }) => type !== 'row')
  test.each(panels.map(({ title, targets = [] }) => [title, targets] as const))('in the panel %s', (_, targets) => {
    expect(targets).not.toEqual([])
    expect(targets.flatMap(({ expr }) => problemsOf(expr))).toEqual([])
  })
})

describe('a runbook names metrics, labels and panels that exist', () => {
  const titles = dashboard().panels.map(({ title }) => title)
  test.each(runbookFiles())('in %s', (file) => {
    const text = readFileSync(join(DEPLOY, 'runbooks', file), 'utf8')
    const fenced = [...text.matchAll(/```promql\n(.*?)```/gs)].map(([, block = '']) => block)
    const metrics = [...text.matchAll(/`(lean(?:mesh)?_[a-z_]+(?:\{[^`]*\})?)`/g)].map(([, span = '']) => span)
    expect([...fenced, ...metrics].flatMap(problemsOf)).toEqual([])
    const prose = text.replaceAll(/```.*?```|`[^`]*`/gs, '')
    for (const [, title] of prose.matchAll(/"([^"]+)"/g)) expect(titles).toContain(title?.replaceAll(/\s+/g, ' '))
  })
})

test('the alert that the README of deploy/ gives for sidecars that only push names what exists', () => {
  const text = readFileSync(join(DEPLOY, 'README.md'), 'utf8')
  const fenced = [...text.matchAll(/```promql\n(.*?)```/gs)].map(([, block = '']) => block)
  expect(fenced).toHaveLength(1)
  expect(fenced.flatMap(problemsOf)).toEqual([])
})

describe('a wrong expression is seen:', () => {
  test.each([
    ['sum(lean_gossip_mesh_peers', 'does not parse'],
    ['lean_gossip_mesh_peer', 'there is no metric lean_gossip_mesh_peer'],
    ['lean_gossip_mesh_running{topic="block"}', 'lean_gossip_mesh_running has no label topic'],
    ['lean_gossip_block_size_bytes', 'there is no metric lean_gossip_block_size_bytes'],
    ['lean_gossip_block_size_bytes_sum{le="1"}', 'lean_gossip_block_size_bytes_sum has no label le'],
    ['sum by (topics) (leanmesh_mesh_memberships)', 'nothing has the label topics'],
  ])('%s', (expression, problem) => {
    expect(problemsOf(expression).join()).toContain(problem)
  })
})
