import { createRequire } from 'node:module'

/** The package's version; its file lies beside both `src` and `dist`. */
export const version = (createRequire(import.meta.url)('../package.json') as { version: string }).version
