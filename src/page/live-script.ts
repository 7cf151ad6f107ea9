import { readFileSync } from 'node:fs'

/** The page's script, as a browser gets it. */
export const LIVE_SCRIPT = readFileSync(new URL('live.js', import.meta.url), 'utf8')
