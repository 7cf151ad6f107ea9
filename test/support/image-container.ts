/** A container of the image, as locked down as in the manifests, on the network of this machine. */
import { inject } from 'vitest'
import { ContainerStorage } from '../../tools/image/container-storage.ts'
import { IMAGE } from './built-image.ts'
import { freePort } from './free-port.ts'

export const MEMORY_LIMIT_BYTES = 192 * 2 ** 20
const LOCKED_DOWN = [
  '--user=65532:65532',
  '--read-only',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  `--memory=${MEMORY_LIMIT_BYTES}`,
  '--network=host',
]

export function containerStorage(): ContainerStorage {
  return new ContainerStorage(inject('containerStorage'))
}

export interface ImageContainer extends AsyncDisposable {
  /** With a slash at its end. */
  url: string
  /** Of its first process, on this machine. */
  pid: number
  podman(command: string, ...args: string[]): Promise<string>
  exitCode(): Promise<number>
}

/** The arguments of podman up to those of the image itself. */
export function runArguments(...options: string[]): string[] {
  return ['run', ...LOCKED_DOWN, ...options, IMAGE]
}

/** `leanmesh run` with these flags in a container, which is removed when it is disposed of. */
export async function startImageContainer(...flags: string[]): Promise<ImageContainer> {
  const storage = containerStorage()
  const port = await freePort()
  const variables = [`--env=LEANMESH_HTTP_PORT=${port}`, '--env=LEANMESH_LOG_LEVEL=warn']
  const id = await storage.podman(...runArguments('--detach', ...variables), 'run', ...flags)
  const inspect = async (field: string) => await storage.podman('inspect', `--format={{.State.${field}}}`, id)
  return {
    url: `http://127.0.0.1:${port}/`,
    pid: Number(await inspect('Pid')),
    podman: (command, ...args) => storage.podman(...command.split(' '), id, ...args),
    exitCode: async () => Number(await inspect('ExitCode')),
    async [Symbol.asyncDispose]() {
      await storage.podman('rm', '--force', '--time=0', id)
    },
  }
}
