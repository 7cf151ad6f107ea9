import { runProgram } from './run-program.ts'

/** `buildah`, for images that end up in the storage that its environment names; by default the machine's own. */
export class Buildah {
  readonly #env: Readonly<Record<string, string>>

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env
  }

  /** An image of a folder's files. */
  async fromFolder(name: string, folder: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const container = await this.#run('from', 'scratch')
    await this.#run('copy', '--quiet', container, folder, '/')
    const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    await this.#run('config', ...variables, container)
    await this.#run('commit', '--quiet', '--rm', container, name)
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
