/** The licences of what is bundled: each asks to stay with copies of its package. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PackagePlace, packageOf } from './bundle-plugins.ts'

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i

/** The licences of all packages that the modules are of, and what files of them there are, sorted by name. */
export function noticesOf(modules: readonly string[]): string {
  const places = modules.map(packageOf).filter((place) => place !== undefined)
  const once = [...new Map(places.map((place) => [place.id, place])).values()]
  const sorted = once.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return `${sorted.map(noticeOf).join('\n\n')}\n`
}

function noticeOf({ id, licence, folder }: PackagePlace): string {
  const files = readdirSync(folder).filter((name) => LICENCE_FILE.test(name))
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim())
  return [`=== ${id}: ${licence}`, ...texts].join('\n\n')
}
