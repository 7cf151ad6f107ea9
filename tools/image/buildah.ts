import { runProgram } from './run-program.ts'

export interface FolderOptions {
  timestamp: string
  environment?: Readonly<Record<string, string>>
}

/** `buildah`, for images that end up in the storage that its environment names; by default the machine's own. */
export class Buildah {
  readonly #env: Readonly<Record<string, string>>

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env
  }

  /** An image of a folder's files, all of which get one time, in seconds since 1970: the same files are the same image. */
  async fromFolder(name: string, folder: string, { timestamp, environment = {} }: FolderOptions): Promise<void> {
    const container = await this.#run('from', 'scratch')
    await this.#run('copy', '--quiet', container, folder, '/')
    const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    await this.#run('config', ...variables, container)
    await this.#run('commit', '--quiet', '--rm', `--timestamp=${timestamp}`, container, name)
  }

  /** Builds the Dockerfile of a folder. In Docker's format: that of OCI knows no health check. */
  async build(folder: string, name: string, options: readonly string[]): Promise<void> {
    // In a chroot, because whoever runs this may itself be in a container.
    const flags = ['--isolation=chroot', '--network=host', '--format=docker', '--pull=false']
    await this.#run('build', ...flags, ...options, '--tag', name, folder)
  }

  async #run(...args: string[]): Promise<string> {
    return await runProgram('buildah', args, { env: this.#env })
  }
}
