import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CATALOGUE } from '../../src/metrics/catalogue.ts'
import { DEPLOY } from '../support/manifests.ts'
import { dashboard, rules, runbookFiles } from '../support/monitoring.ts'
import { parseExpression } from '../support/promql.ts'

const alerts = rules().filter(({ alert }) => alert !== undefined)
const recorded = new Map(rules().map(({ record, expr }) => [record, expr]))

/** Without those that rules make of others. */
function metricsOf(expression: string): string[] {
  return parseExpression(expression).selectors.flatMap(({ metric }) => {
    const expr = recorded.get(metric)
    return expr === undefined ? metric : metricsOf(expr)
  })
}

function runbookOf(alert: string): string {
  return `${alert.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.md`
}

test.each(alerts.map((rule) => [rule.alert ?? '', rule] as const))('%s says what an operator needs', (name, rule) => {
  expect(['critical', 'warning', 'info']).toContain(rule.labels?.['severity'])
  expect(rule.for).toMatch(/^\d+m$/)
  expect(rule.annotations?.['summary']).toMatch(/\w+ \w+ \w+/)
  expect(rule.annotations?.['runbook_url']).toMatch(new RegExp(`^https://[^ ]+/deploy/runbooks/${runbookOf(name)}$`))
})

test('every alert has a runbook, and every runbook an alert', () => {
  expect(runbookFiles()).toEqual(alerts.map(({ alert = '' }) => runbookOf(alert)).sort())
})

test.each(runbookFiles())('the runbook %s says what it means, how to check and how to mend', (file) => {
  const headings = readFileSync(join(DEPLOY, 'runbooks', file), 'utf8').match(/^#.*/gm)
  const [title, ...rest] = headings ?? []
  expect(runbookOf(title?.slice(2) ?? '')).toBe(file)
  expect(rest).toEqual(['## What it means', '## How to check', '## How to mend'])
})

test('what docs/scale.md has each Prometheus send on is what the alerts look at, and of the sidecars nothing else', () => {
  const text = readFileSync(join(DEPLOY, '../docs/scale.md'), 'utf8')
  const [, block = ''] = /^```yaml\n(remote_write:\n.*?)^```/ms.exec(text) ?? []
  const { remote_write } = parse(block) as { remote_write: [{ write_relabel_configs: [{ regex: string }] }] }
  const { regex } = remote_write[0].write_relabel_configs[0]
  const isSentOn = (metric: string) => new RegExp(`^(?:${regex})$`).test(metric)
  const lookedAt = new Set(alerts.flatMap(({ expr }) => parseExpression(expr).selectors.map(({ metric }) => metric)))
  expect([...lookedAt].filter((metric) => !isSentOn(metric))).toEqual([])
  const others = CATALOGUE.map(({ name }) => name).filter((name) => !lookedAt.has(name))
  expect(others.filter(isSentOn)).toEqual([])
})

describe('the dashboard', () => {
  const { panels, templating } = dashboard()
  const shown = panels.filter(({ type }) => type !== 'row')

  test('describes each panel and gives its unit', () => {
    expect(shown.length).toBeGreaterThan(10)
    const bare = shown.filter(({ description = '', fieldConfig }) => {
      return description.length < 20 || (fieldConfig?.defaults.unit ?? '') === ''
    })
    expect(bare.map(({ title }) => title)).toEqual([])
  })

  test('has its panels in rows, none of which overlap', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
    expect(rows).toEqual(['Fleet', 'Nodes', 'Topics', 'Why the mesh is small', 'Arrivals', 'Chain'])
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) => {
      return Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })

  test('shows the metrics of each alert', () => {
    const metrics = shown.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsOf(expr)))
    const hidden = alerts.flatMap(({ expr }) => metricsOf(expr)).filter((metric) => !metrics.includes(metric))
    expect(hidden).toEqual([])
  })

  test('asks each metric for the chosen networks, jobs and instances, of which there may be several', () => {
    const multiple = templating.list.filter(({ multi, includeAll }) => multi && includeAll).map(({ name }) => name)
    expect(multiple).toEqual(['network', 'job', 'instance'])
    for (const { expr } of shown.flatMap(({ targets = [] }) => targets)) {
      for (const name of multiple) expect(expr).toContain(`${name}=~"$${name}"`)
      for (const { labels } of parseExpression(expr).selectors) expect(labels).toEqual(expect.arrayContaining(multiple))
    }
  })
})
