import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { renderedManifests, sidecarContainer, sidecarPod } from '../support/manifests.ts'

test('`leanmesh check` accepts what the example mounts, with the companion that its variable names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-example-'))
  try {
    const data = renderedManifests('example').find(({ kind }) => kind === 'ConfigMap')?.data ?? {}
    for (const [name, text] of Object.entries(data)) {
      await writeFile(join(folder, name), text.replaceAll('/etc/leanmesh', folder))
    }
    const variables = sidecarContainer(sidecarPod('example')).env ?? []
    const companion = variables.find(({ name }) => name === 'LEANMESH_COMPANION')?.value ?? ''
    const env = { LEANMESH_COMPANION: companion }
    const outcome = await runCommandLine(['check', '--config', join(folder, 'leanmesh.yaml')], env)
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toContain('companion  16Uiu2HAm9rj48MMmXjt9DwJt2GRvgFotCVvEsweAsaGscvtToGAb')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
