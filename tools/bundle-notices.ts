/** The licences of what is bundled: each asks to stay with copies of its package. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PackagePlace, packageOf } from './bundle-plugins.ts'

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i

/** One text with the licence files of all packages that the modules are of, sorted by name. */
export function noticesOf(modules: readonly string[]): string {
  const places = new Map<string, PackagePlace>()
  for (const module of modules) {
    const place = packageOf(module)
    if (place) places.set(`${place.name}@${place.version}`, place)
  }
  const titles = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return titles.map(([title, { folder }]) => [`=== ${title}`, ...licenceTexts(folder)].join('\n\n')).join('\n\n')
}

function licenceTexts(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => LICENCE_FILE.test(name))
  return files.map((name) => readFileSync(join(folder, name), 'utf8').trim())
}
