/** What bundling has to know of packages in `node_modules`. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'

export interface PackagePlace {
  /** With `node_modules` in it. */
  folder: string
  /** Its name and version. */
  id: string
  name: string
  /** As its manifest says. */
  licence: string
}

interface Manifest {
  name: string
  version: string
  license?: string
}

const PLACE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//
const known = new Map<string, PackagePlace>()

/** The package that a module is of; none of those of the project itself. */
export function packageOf(module: string): PackagePlace | undefined {
  const folder = PLACE.exec(module)?.[1]
  if (folder === undefined) return undefined
  let place = known.get(folder)
  if (!place) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    place = { folder, id: `${name}@${version}`, name, licence: license ?? 'unknown' }
    known.set(folder, place)
  }
  return place
}

/** npm keeps a copy of a package for each that needs it, where another version has the place above: the first one is taken for all. */
export function oneCopyEach(): Plugin {
  const folders = new Map<string, string>()
  return {
    name: 'one-copy-each',
    async resolveId(source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true })
      const place = found && !found.external ? packageOf(found.id) : undefined
      if (!found || !place) return found
      const folder = folders.get(place.id) ?? place.folder
      folders.set(place.id, folder)
      return { ...found, id: folder + found.id.slice(place.folder.length) }
    },
  }
}

/**
 * A module that loads a native addon looks for it from where it is itself. Bundled, it is told to look from its package.
 *
 * @throws Error when the package has no such module: then it loads its addon in another way, or none
 */
export function addonBesideItsPackage(name: string): Plugin {
  const loader = /\.node\b/
  let isMended = false
  return {
    name: 'addon-beside-its-package',
    transform(code, id) {
      if (packageOf(id)?.name !== name || !loader.test(code)) return undefined
      isMended = true
      return code.replaceAll('import.meta.url', `import.meta.resolve('${name}')`)
    },
    buildEnd(error) {
      if (!error && !isMended)
        throw new Error(`no module of ${name} loads an addon any more: look at tools/bundle/bundle-programs.ts`)
    },
  }
}

const HTTP = 'node:http'

/**
 * Whoever imports `node:http` reads all that it exports, and `WebSocket` among that makes Node load a client of its own for HTTP: a sixth of all
 * that a start takes. Here it is asked for without its exports that are made when they are read.
 */
export function httpAlone(): Plugin {
  const id = `\0${HTTP}`
  const names = Object.entries(Object.getOwnPropertyDescriptors(http)).flatMap(([name, { get }]) => (get ? [] : [name]))
  return {
    name: 'http-alone',
    resolveId: {
      filter: { id: /^(node:)?http$/ },
      handler: (_, __, { kind }) => (kind === 'import-statement' ? id : undefined),
    },
    load: {
      filter: { id: /^\0node:http$/ },
      handler: () =>
        [
          `const http = process.getBuiltinModule('${HTTP}')`,
          'export default http',
          ...names.map((name) => `export const ${name} = http.${name}`),
        ].join('\n'),
    },
  }
}
