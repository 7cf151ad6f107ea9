import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ToolError } from '../tool-error.ts'
import { Buildah } from './buildah.ts'
import { runProgram } from './run-program.ts'

/**
 * Images and containers in a temporary folder, apart from all others of the machine. Needs root. Where the folder's file
 * system cannot carry overlays, as in some containers, set STORAGE_DRIVER=vfs.
 */
export class ContainerStorage implements AsyncDisposable {
  readonly folder: string
  readonly buildah: Buildah
  readonly #env: Readonly<Record<string, string>>

  /** Use `createContainerStorage`, or the folder of one that exists. */
  constructor(folder: string) {
    this.folder = folder
    this.#env = {
      CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
      CONTAINERS_CONF: join(folder, 'containers.conf'),
      // Health checks are asked for; podman would have systemd start them.
      DISABLE_HC_SYSTEMD: 'true',
    }
    this.buildah = new Buildah(this.#env)
  }

  async podman(...args: string[]): Promise<string> {
    return await runProgram('podman', args, { env: this.#env })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.podman('rm', '--all', '--force', '--time=0')
    await this.podman('image', 'umount', '--all', '--force')
    // A bind mount of itself, which would be in the way.
    await runProgram('umount', [join(this.folder, 'graph/overlay')]).catch(() => undefined)
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** @throws ToolError when this is not root */
export async function createContainerStorage(): Promise<ContainerStorage> {
  if (process.getuid?.() !== 0) throw new ToolError('containers with a storage of their own need root: use sudo')
  const folder = await mkdtemp(join(tmpdir(), 'leanmesh-containers-'))
  await writeFile(join(folder, 'storage.conf'), storageSettings(folder))
  await writeFile(join(folder, 'containers.conf'), containerSettings(folder))
  return new ContainerStorage(folder)
}

function storageSettings(folder: string): string {
  return `[storage]
driver = "overlay"
graphroot = "${folder}/graph"
runroot = "${folder}/run"
`
}

/** For a machine without systemd: control groups by their files, logs and events in files. Small limits fit below any. */
function containerSettings(folder: string): string {
  return `[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "none"
lock_type = "file"
tmp_dir = "${folder}/tmp"
`
}
