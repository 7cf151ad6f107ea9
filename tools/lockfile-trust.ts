/** What a lockfile must say so that an install runs nothing but what was reviewed. */

interface Entry {
  integrity?: string
  optional?: boolean
  os?: string[]
  hasInstallScript?: boolean
}

/**
 * Platform packages that the registry in use did not carry when their entry was made, so that nobody knows their hash:
 * npm takes what its registry gives there. Take one off when its entry has a hash.
 */
const WITHOUT_HASH: Readonly<Record<string, string>> = {
  '@chainsafe/libp2p-quic-': 'darwin-arm64 darwin-x64 linux-arm64-gnu linux-arm64-musl linux-x64-musl win32-x64-msvc',
  '@oxc-parser/binding-':
    'android-arm-eabi android-arm64 darwin-arm64 darwin-x64 freebsd-x64 linux-arm-gnueabihf linux-arm-musleabihf linux-ppc64-gnu linux-riscv64-gnu linux-riscv64-musl linux-s390x-gnu openharmony-arm64 win32-arm64-msvc win32-ia32-msvc win32-x64-msvc',
  '@oxlint-tsgolint/': 'darwin-arm64 darwin-x64 win32-arm64 win32-x64',
  '@oxlint/binding-':
    'android-arm-eabi android-arm64 darwin-arm64 darwin-x64 freebsd-x64 linux-arm-gnueabihf linux-arm-musleabihf linux-arm64-musl linux-ppc64-gnu linux-riscv64-gnu linux-riscv64-musl linux-s390x-gnu linux-x64-musl openharmony-arm64 win32-arm64-msvc win32-ia32-msvc win32-x64-msvc',
}

/** Their places in the lockfile. */
export const UNHASHED_ENTRIES: readonly string[] = Object.entries(WITHOUT_HASH).flatMap(([prefix, platforms]) =>
  platforms.split(' ').map((platform) => `node_modules/${prefix}${platform}`),
)

/**
 * What cannot be trusted in the entries of a lockfile, one sentence each.
 *
 * @param approved the packages whose install scripts may run, as package.json has them in `allowScripts`
 * @param unhashed the entries that may lack a hash
 */
export function trustProblems(
  packages: Readonly<Record<string, Entry>>,
  approved: Readonly<Record<string, boolean>>,
  unhashed: readonly string[] = UNHASHED_ENTRIES,
): string[] {
  const found: string[] = []
  for (const [key, { integrity, optional, os, hasInstallScript }] of Object.entries(packages)) {
    if (key === '') continue
    const mayLackHash = unhashed.includes(key) && optional === true && os !== undefined
    if (integrity === undefined && !mayLackHash)
      found.push(`${key} has no integrity, so what is installed is not checked`)
    if (integrity !== undefined && unhashed.includes(key))
      found.push(`${key} has its integrity: take it off WITHOUT_HASH`)
    const name = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length)
    if (hasInstallScript === true && approved[name] !== true) {
      found.push(`${key} runs a script at its installation: review it, then put "${name}" into allowScripts`)
    }
  }
  const gone = unhashed.filter((key) => packages[key] === undefined)
  return [...found, ...gone.map((key) => `${key} is not there any more: take it off WITHOUT_HASH`)]
}
