import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { runCommandLine } from '../support/command-line.ts'
import { DEPLOY, renderedManifests, sidecarContainer, sidecarPod } from '../support/manifests.ts'

async function mountedExample(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'leanmesh-example-'))
  const data = renderedManifests('example').find(({ kind }) => kind === 'ConfigMap')?.data ?? {}
  for (const [name, text] of Object.entries(data)) {
    await writeFile(join(path, name), text.replaceAll('/etc/leanmesh', path))
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test('`leanmesh check` accepts what the example mounts, with the companion that its variable names', async () => {
  await using folder = await mountedExample()
  const variables = sidecarContainer(sidecarPod('example')).env ?? []
  const companion = variables.find(({ name }) => name === 'LEANMESH_COMPANION')?.value ?? ''
  const env = { LEANMESH_COMPANION: companion }
  const outcome = await runCommandLine(['check', '--config', join(folder.path, 'leanmesh.yaml')], env)
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
  expect(outcome.stdout).toContain('companion  16Uiu2HAm9rj48MMmXjt9DwJt2GRvgFotCVvEsweAsaGscvtToGAb')
})

test('the second network that the README of deploy/ shows is as complete as one with a genesis folder', async () => {
  await using folder = await mountedExample()
  const read = (path: string) => readFile(path, 'utf8')
  const [, item = ''] = /^```yaml\n(- name: devnet-b\n.*?)```/ms.exec(await read(join(DEPLOY, 'README.md'))) ?? []
  const settings = parse(await read(join(folder.path, 'leanmesh.yaml'))) as { networks: object[] }
  settings.networks.push(...(parse(item.replaceAll('/etc/leanmesh', folder.path)) as object[]))
  expect(settings.networks).toHaveLength(2)
  await writeFile(join(folder.path, 'leanmesh.yaml'), stringify(settings))
  await writeFile(join(folder.path, 'devnet-b.nodes.yaml'), await read(join(folder.path, 'nodes.yaml')))
  const outcome = await runCommandLine(['check', '--config', join(folder.path, 'leanmesh.yaml')])
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
  const [first = '', second = ''] = outcome.stdout.split(/^network devnet-b$/m)
  for (const fact of ['topics', 'genesis']) {
    const line = (text: string) => new RegExp(`^ +${fact} .*$`, 'm').exec(text)?.[0]
    expect(line(first)).toBeDefined()
    expect(line(second)).toBe(line(first))
  }
})
