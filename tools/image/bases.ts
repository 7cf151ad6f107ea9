import { chmod, copyFile, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ToolError } from '../tool-error.ts'
import type { Buildah } from './buildah.ts'
import { unpackDebian, withDependencies } from './debian.ts'
import { runProgram } from './run-program.ts'

/** What the Dockerfile stands on when there is no registry: images made of Debian's packages. */
export interface Bases {
  build: string
  runtime: string
}

const NODE_LIBRARIES = ['libstdc++6']
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** @param timestamp of all files, in seconds since 1970 */
export async function buildBases(buildah: Buildah, scratch: string, timestamp: string): Promise<Bases> {
  const bases = { build: 'localhost/leanmesh-build-base', runtime: 'localhost/leanmesh-runtime-base' }
  await buildah.fromFolder(bases.runtime, await runtimeFolder(join(scratch, 'runtime'), scratch), { timestamp })
  const environment = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    NODE_EXTRA_CA_CERTS: CERTIFICATES,
    NPM_CONFIG_REGISTRY: await runProgram('npm', ['config', 'get', 'registry']),
  }
  await buildah.fromFolder(bases.build, await buildFolder(join(scratch, 'build'), scratch), {
    timestamp,
    environment,
  })
  return bases
}

/** What the public image without a shell has, and no more: C and C++ libraries, and a user. */
async function runtimeFolder(root: string, scratch: string): Promise<string> {
  await unpackDebian(['base-files', ...(await withDependencies(NODE_LIBRARIES))], root, scratch)
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/:/sbin/nologin\n',
  )
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n')
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  await removeDocumentation(root)
  for (const libraries of await multiarchFolders(root)) {
    // Conversions for iconv, which Node does with its own.
    await rm(join(libraries, 'gconv'), { recursive: true, force: true })
  }
  return root
}

/** Copyright files stay: the licences of the libraries ask for it. */
async function removeDocumentation(root: string): Promise<void> {
  for (const folder of ['usr/share/lintian', 'usr/share/gcc', 'usr/share/gdb', 'usr/share/bug', 'etc/update-motd.d']) {
    await rm(join(root, folder), { recursive: true, force: true })
  }
  for (const path of await readdir(join(root, 'usr/share/doc'), { recursive: true, withFileTypes: true })) {
    if (path.isFile() && path.name !== 'copyright') await rm(join(path.parentPath, path.name))
  }
}

async function multiarchFolders(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'usr/lib'), { withFileTypes: true })
  return entries.filter(({ name }) => name.endsWith('-linux-gnu')).map(({ name }) => join(root, 'usr/lib', name))
}

/** The Node that runs this, the npm that started it, a shell and `strip`. */
async function buildFolder(root: string, scratch: string): Promise<string> {
  const packages = await withDependencies(['binutils', ...NODE_LIBRARIES])
  await unpackDebian(['base-files', 'busybox-static', ...packages], root, scratch)
  const applets = await runProgram(join(root, 'bin/busybox'), ['--list'])
  for (const applet of applets.split('\n')) {
    if (applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet))
  }
  // Where scripts look for it.
  await symlink('/bin/busybox', join(root, 'usr/bin/env'))
  const local = join(root, 'usr/local')
  await mkdir(join(local, 'bin'), { recursive: true })
  await copyFile(process.execPath, join(local, 'bin/node'))
  await chmod(join(local, 'bin/node'), 0o755)
  await cp(npmFolder(), join(local, 'lib/node_modules/npm'), { recursive: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  await mkdir(join(root, dirname(CERTIFICATES)), { recursive: true })
  await copyFile(CERTIFICATES, join(root, CERTIFICATES))
  return root
}

function npmFolder(): string {
  const { npm_execpath: npm } = process.env
  if (npm === undefined || !npm.endsWith('npm-cli.js'))
    throw new ToolError('run this with `npm run`, whose npm it takes')
  return join(dirname(npm), '..')
}
