import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEPLOY } from '../support/manifests.ts'
import { dashboard, rules } from '../support/monitoring.ts'

const alerts = rules().filter(({ alert }) => alert !== undefined)
const runbooks = globSync('*.md', { cwd: join(DEPLOY, 'runbooks') })

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
  expect(runbooks.sort()).toEqual(alerts.map(({ alert = '' }) => runbookOf(alert)).sort())
})

test.each(runbooks)('the runbook %s says what it means, how to check and how to mend', (file) => {
  const headings = readFileSync(join(DEPLOY, 'runbooks', file), 'utf8').match(/^#.*/gm)
  const [title, ...rest] = headings ?? []
  expect(runbookOf(title?.slice(2) ?? '')).toBe(file)
  expect(rest).toEqual(['## What it means', '## How to check', '## How to mend'])
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

  test('has the fleet, its nodes and their topics, for several networks, jobs and instances', () => {
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual(['Fleet', 'Nodes', 'Topics'])
    const multiple = templating.list.filter(({ multi, includeAll }) => multi && includeAll).map(({ name }) => name)
    expect(multiple).toEqual(['network', 'job', 'instance'])
    for (const { expr } of shown.flatMap(({ targets = [] }) => targets)) {
      for (const name of multiple) expect(expr).toContain(`${name}=~"$${name}"`)
    }
  })
})
