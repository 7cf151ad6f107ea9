import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Settings of the metrics plane, which may be secrets: a child gets what it needs in its `start` command. */
const SETTING = /^(?:LEANMESH|OTEL)_/
/** As Node reads `NODE_OPTIONS`: with quotes around what has spaces, and `_` for `-`. */
const OPTION = /(?:[^ "]|"(?:\\.|[^"\\])*")+/g
const PERMISSION = /^"?--(?:permission|allow[-_])/

/**
 * Node's arguments for a child that can start no process and no worker, write no file, read none but the code it is made
 * of, and use neither eval nor Function. Native addons stay allowed, for QUIC and snappy are such: this bounds what JavaScript can
 * be brought to do, and is no wall around machine code.
 *
 * @param entry the path of the child's first file, in a folder of the package
 */
export function confinedArguments(entry: string): string[] {
  return [
    '--permission',
    '--allow-addons',
    ...readablePaths(entry).map((path) => `--allow-fs-read=${path}`),
    // Of --allow-addons, at each start.
    '--disable-warning=PERM0001',
    '--disallow-code-generation-from-strings',
    '--disable-proto=delete',
  ]
}

/** What a child's `process.env` holds: all that this one's does, but for settings, and for what Node allows this process alone. */
export function confinedEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !SETTING.test(name)))
  const options = env['NODE_OPTIONS']?.match(OPTION)?.filter((option) => !PERMISSION.test(option))
  return { ...kept, ...(options && { NODE_OPTIONS: options.join(' ') }) }
}

/** The code, the manifest beside it, and every `node_modules` that Node looks for packages in. */
function readablePaths(entry: string): string[] {
  const code = dirname(entry)
  const root = dirname(code)
  const packages: string[] = []
  for (let folder = root; ; folder = dirname(folder)) {
    packages.push(join(folder, 'node_modules'))
    if (folder === dirname(folder)) break
  }
  return [code, join(root, 'package.json'), ...packages.filter((path) => existsSync(path))]
}
