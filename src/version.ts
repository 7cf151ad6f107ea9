import { createRequire, findPackageJSON } from 'node:module'

const require = createRequire(import.meta.url)

/** The package's version; its file lies above this one, however deep that is in `src` or `dist`. */
export const version = (require(findPackageJSON(import.meta.url) ?? '') as { version: string }).version
