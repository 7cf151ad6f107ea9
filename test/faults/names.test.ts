/** The names file, replaced while the sidecar runs as an operator and as a ConfigMap's volume do it. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { NOTICED_MS, replaceText, untilRefresher } from './support/changed-file.ts'
import { fault } from './support/fault.ts'
import { until } from './support/sidecar-process.ts'
import { namesOf } from './support/member.ts'
import type { Stand } from './support/stand.ts'

async function untilNamed(stand: Stand, client: string): Promise<void> {
  const look = async () => (await stand.scrape()).value('lean_gossip_mesh_peers', { client })
  await until(`the name ${client}`, look, NOTICED_MS)
}

/** The table with the first peer under another name. */
function renamedTable(stand: Stand, name: string): string {
  return namesOf(stand.members).replace('rust_0', name)
}

/** The old table is still what the gauge shows. */
async function expectKept(stand: Stand, logged: string): Promise<void> {
  await untilRefresher(stand, 'names', 0)
  const now = await stand.scrape()
  for (const { name } of stand.members) expect(now.value('lean_gossip_mesh_peers', { client: name })).toBe(1)
  await stand.sidecar.untilLogged(logged)
}

/** `names.json` -> `..data/names.json`, `..data` -> a folder of this version: what the kubelet makes, and swaps. */
async function projectVolume(folder: string, version: string, text: string | undefined): Promise<void> {
  await mkdir(join(folder, version))
  if (text !== undefined) await writeFile(join(folder, version, 'names.json'), text)
  await symlink(version, join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
}

describe('the names file', () => {
  fault({
    name: 'names file replaced atomically',
    expectation: 'the next scrape shows the new name, and the old one ends',
    rightWithinMs: 3000,
    async inflict(stand) {
      await replaceText(stand.namesFile, renamedTable(stand, 'renamed_7'))
      await untilNamed(stand, 'renamed_7')
      expect((await stand.scrape()).value('lean_gossip_mesh_peers', { client: 'rust_0' })).toBeUndefined()
      await replaceText(stand.namesFile, namesOf(stand.members))
    },
  })

  fault({
    name: 'names file half-written',
    expectation: 'the old table stays, the refresher says so, and the log; the whole file is taken when it is there',
    rightWithinMs: 3000,
    async inflict(stand) {
      const whole = renamedTable(stand, 'renamed_7')
      await writeFile(stand.namesFile, whole.slice(0, whole.length / 2))
      await expectKept(stand, 'names.json')
      await writeFile(stand.namesFile, whole)
      await untilNamed(stand, 'renamed_7')
      await replaceText(stand.namesFile, namesOf(stand.members))
    },
  })

  fault({
    name: 'names file deleted',
    expectation: 'the old table stays, the refresher says so, and the log; it is read when it is back',
    rightWithinMs: 3000,
    async inflict(stand) {
      await rm(stand.namesFile)
      await expectKept(stand, 'names.json')
      await replaceText(stand.namesFile, namesOf(stand.members))
    },
  })

  fault({
    name: "names file in a ConfigMap's volume",
    expectation: 'each swap of the link is seen: a good version, one without the file, a bad one, a good one',
    rightWithinMs: 3000,
    async inflict(stand) {
      const { folder, namesFile } = stand
      await projectVolume(folder, '..2026_1', namesOf(stand.members))
      await symlink('..data/names.json', `${namesFile}.link`)
      await rename(`${namesFile}.link`, namesFile)
      await untilRefresher(stand, 'names', 1)
      await projectVolume(folder, '..2026_2', undefined)
      await expectKept(stand, 'names.json')
      await projectVolume(folder, '..2026_3', '{"not a peer id": "zeam_0"}')
      await expectKept(stand, 'names.json')
      await projectVolume(folder, '..2026_4', renamedTable(stand, 'renamed_7'))
      await untilNamed(stand, 'renamed_7')
      await projectVolume(folder, '..2026_5', namesOf(stand.members))
    },
  })
})
