/** The licences of all packages that the lockfile names, for `docs/licences.md`. */

interface Entry {
  version?: string
  license?: string
  dev?: boolean
  optionalDependencies?: Record<string, string>
}
type Packages = Readonly<Record<string, Entry>>

/** Apache-2.0 may be combined with these; of MPL-2.0 nothing is changed. Another one needs somebody who reads it. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'Apache-2.0 OR MIT', 'BSD-3-Clause', 'ISC', 'MIT', 'MPL-2.0']

export interface Licensed {
  name: string
  version: string
  licence: string
  /** Not part of what is installed with `--omit=dev`. */
  isDevelopment: boolean
}

/**
 * The licence of each package of a lockfile, once a name and version. Of a platform package whose entry has none, that of
 * the package which asks for it.
 *
 * @throws Error that names the packages whose licence is not among those allowed, or not known
 */
export function licencesOf(packages: Packages): Licensed[] {
  const ofPlatforms = new Map<string, string | undefined>()
  for (const { license, optionalDependencies = {} } of Object.values(packages)) {
    for (const name of Object.keys(optionalDependencies)) ofPlatforms.set(name, license)
  }
  const found = new Map<string, Licensed>()
  for (const [key, { version = '', license, dev = false }] of Object.entries(packages)) {
    if (key === '') continue
    const name = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const licence = license ?? ofPlatforms.get(name) ?? 'unknown'
    const id = `${name}@${version}`
    found.set(id, { name, version, licence, isDevelopment: dev && found.get(id)?.isDevelopment !== false })
  }
  const list = [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const wrong = list.filter(({ licence }) => !ALLOWED.includes(licence))
  if (wrong.length > 0) {
    const named = wrong.map(({ name, version, licence }) => `${name}@${version} (${licence})`).join(', ')
    throw new Error(
      `licences that are not allowed: ${named}; read them, then add them to tools/licences.ts or drop them`,
    )
  }
  return list
}

const INTRODUCTION = `# Licences

Made by \`npm run docs\` from \`package-lock.json\`; \`npm run check\` fails when it is not up to date, or when a package has a
licence that \`tools/licences.ts\` does not allow. leanmesh itself is under Apache-2.0. The licence files of what the
published programs are bundled from are in \`dist/NOTICES.txt\`; in the image the others stay with their packages.
`

/** The text of `docs/licences.md`. */
export function licencesDocument(packages: Packages): string {
  const all = licencesOf(packages)
  const [run, development] = [all.filter(({ isDevelopment }) => !isDevelopment), all.filter((one) => one.isDevelopment)]
  return [
    INTRODUCTION,
    '## Packages that are needed to run\n',
    ...byLicence(run).map(([licence, list]) => `**${licence}** (${list.length}): ${list.map(nameOf).join(', ')}\n`),
    '## Packages that only development needs\n',
    ...byLicence(development).map(([licence, list]) => `**${licence}**: ${list.length} packages\n`),
  ].join('\n')
}

function byLicence(list: readonly Licensed[]): [licence: string, list: Licensed[]][] {
  const groups = Map.groupBy(list, ({ licence }) => licence)
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function nameOf({ name, version }: Licensed): string {
  return `\`${name}\` ${version}`
}
