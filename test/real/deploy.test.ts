/** The Kubernetes kit by the programs that operators use: kustomize renders it, promtool reads and runs its rules. */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { toolPath } from '../../tools/tool-path.ts'
import { RENDERED } from '../support/manifests.ts'
import { dashboard, ruleGroups, rules } from '../support/monitoring.ts'
import { fixture } from '../support/settings.ts'

const run = promisify(execFile)
const ALERT_TESTS = ['sidecar-alerts.test.yaml', 'gossip-alerts.test.yaml', 'chain-alerts.test.yaml']
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leanmesh-deploy-'))
  await writeFile(join(folder, 'rules.yaml'), stringify(ruleGroups()))
})
afterAll(async () => rm(folder, { recursive: true, force: true }))

/** Fulfils with what promtool says when it finds nothing wrong; rejects with all that it says otherwise. */
async function promtool(...args: string[]): Promise<string> {
  const { stdout } = await run(toolPath('promtool'), args, { cwd: folder }).catch((error: unknown) => {
    const { stdout: out = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${out}${stderr}`, { cause: error })
  })
  return stdout
}

test.each(Object.entries(RENDERED))('kustomize makes of %s what is committed', async (_, { overlay, golden }) => {
  const { stdout } = await run(toolPath('kustomize'), ['build', overlay])
  expect(stdout).toBe(await readFile(golden, 'utf8'))
})

test('promtool finds nothing wrong with the rules', async () => {
  await expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', 'rules.yaml')).resolves.toContain('SUCCESS')
})

test.each(ALERT_TESTS)('each alert fires when it should, and does not when it should not: %s', async (file) => {
  await copyFile(fixture(`deploy/${file}`), join(folder, file))
  await expect(promtool('test', 'rules', file)).resolves.toContain('SUCCESS')
})

interface AlertTest {
  alertname: string
  exp_alerts: unknown[]
}

test('no alert is without a test that it fires and a test that it does not', async () => {
  const files = await Promise.all(ALERT_TESTS.map(async (file) => readFile(fixture(`deploy/${file}`), 'utf8')))
  const tests = files.flatMap((text) => (parse(text) as { tests: { alert_rule_test?: AlertTest[] }[] }).tests)
  const cases = tests.flatMap((each) => each.alert_rule_test ?? [])
  const tested = (isFiring: boolean) => {
    const names = cases.filter((each) => each.exp_alerts.length > 0 === isFiring).map(({ alertname }) => alertname)
    return [...new Set(names)].sort()
  }
  const alerts = rules().flatMap(({ alert }) => alert ?? [])
  expect(tested(true)).toEqual(alerts.sort())
  expect(tested(false)).toEqual(alerts.sort())
})

test('Prometheus itself accepts every expression of the dashboard', async () => {
  const expressions = dashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const asRules = expressions.map((expr, index) => ({
    record: `panel:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
  }))
  await writeFile(join(folder, 'panels.yaml'), stringify({ groups: [{ name: 'panels', rules: asRules }] }))
  await expect(promtool('check', 'rules', 'panels.yaml')).resolves.toContain(`${expressions.length} rules found`)
})
