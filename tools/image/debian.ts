import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

const NEEDED_ONLY = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances', 'pre-depends']

/** The packages, and all that they depend on, of the Debian that this machine runs. */
export async function withDependencies(packages: readonly string[]): Promise<string[]> {
  const flags = NEEDED_ONLY.map((kind) => `--no-${kind}`)
  const printed = await runProgram('apt-cache', ['depends', '--recurse', ...flags, ...packages])
  // Dependencies are indented; virtual packages are in angle brackets.
  return printed.split('\n').filter((line) => /^[a-z0-9]/.test(line))
}

/**
 * Downloads packages and unpacks them into `root`; none of their scripts run. What they are stays in
 * `/var/lib/dpkg/status.d`, where scanners look for packages of an image without dpkg.
 */
export async function unpackDebian(packages: readonly string[], root: string, scratch: string): Promise<void> {
  const folder = await mkdtemp(join(scratch, 'packages-'))
  await runProgram('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', ...packages], { cwd: folder })
  const status = join(root, 'var/lib/dpkg/status.d')
  await mkdir(status, { recursive: true })
  for (const file of await readdir(folder)) {
    const archive = join(folder, file)
    await runProgram('dpkg-deb', ['--extract', archive, root])
    const [name = file] = file.split('_')
    await writeFile(join(status, name), `${await runProgram('dpkg-deb', ['--field', archive])}\n`)
  }
}
