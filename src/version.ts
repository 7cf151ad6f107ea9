import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Beside `src` and `dist`; programs that are bundled lie in a folder of `dist`. */
const [beside = '', furtherUp = ''] = ['..', '../..'].map((up) => join(import.meta.dirname, up, 'package.json'))
const manifest = readFileSync(existsSync(beside) ? beside : furtherUp, 'utf8')

/** The package's version. */
export const version = (JSON.parse(manifest) as { version: string }).version
