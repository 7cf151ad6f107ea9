import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Bases, buildBases } from './bases.ts'
import type { Buildah } from './buildah.ts'
import { runProgram } from './run-program.ts'

const CHECKOUT = resolve(import.meta.dirname, '../..')

/** Builds the Dockerfile on bases made of Debian's packages. The same commit gives the same files. */
export async function buildImage(buildah: Buildah, name: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'leanmesh-image-'))
  try {
    const timestamp = process.env['SOURCE_DATE_EPOCH'] || (await git('log', '-1', '--format=%ct'))
    const bases = await buildBases(buildah, scratch, timestamp)
    await buildah.build(CHECKOUT, name, await buildOptions(bases, timestamp))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function buildOptions(bases: Bases, timestamp: string): Promise<string[]> {
  const { version } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string }
  const revision = await git('describe', '--always', '--dirty', '--abbrev=40', '--exclude=*')
  const values = {
    BUILD_BASE: bases.build,
    RUNTIME_BASE: bases.runtime,
    VERSION: version,
    REVISION: revision,
    SOURCE_DATE_EPOCH: timestamp,
    CREATED: new Date(Number(timestamp) * 1000).toISOString(),
  }
  const cache = await runProgram('npm', ['config', 'get', 'cache'])
  const given = Object.entries(values).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
  return [...given, `--volume=${cache}:/root/.npm`, `--timestamp=${timestamp}`]
}

async function git(...args: string[]): Promise<string> {
  return await runProgram('git', args, { cwd: CHECKOUT })
}
