import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A child's entry beside the file that names it: `.ts` in a checkout, `.js` in the package. */
export function childEntry(name: string, importer: string): string {
  return fileURLToPath(new URL(`${name}${extname(importer)}`, importer))
}
