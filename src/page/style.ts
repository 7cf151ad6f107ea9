import { createHash } from 'node:crypto'
import { raw } from 'hono/html'

/** The system's own fonts and colours for light and dark; no table is wider than a phone. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9df, #3b424d); --soft: light-dark(#596170, #a3acba);
  --page: light-dark(#fff, #14171c); --text: light-dark(#1a1d22, #e6e9ee); --link: light-dark(#0b57c4, #8ab4ff);
  --good: light-dark(#17683a, #6fd196); --waiting: light-dark(#855600, #ecba5c); --bad: light-dark(#b3261e, #ff9388) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 1.25rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif;
  background: var(--page); color: var(--text) }
a { color: var(--link) }
header { border-bottom: 1px solid var(--line); padding-bottom: .75rem }
h1 { font-size: 1.4rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem }
caption { font-weight: 600; text-align: start; padding: 0 }
p { margin: .4rem 0; max-width: 46rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .5rem 0 0; padding: 0 }
.soft { color: var(--soft); font-size: .9rem }
.standing { border-inline-start: .3rem solid var(--level); padding: .35rem .75rem; font-weight: 600; overflow-wrap: anywhere }
.good { --level: var(--good) } .waiting { --level: var(--waiting) } .bad { --level: var(--bad) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .75rem 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
code { font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: 1.25rem 0 .5rem }
footer { margin-top: 2.5rem }
th, td { text-align: start; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
thead th { color: var(--soft); font-weight: 500; font-size: .9rem; overflow-wrap: normal }
tbody th { font-weight: 400 }
@media (min-width: 48rem) { tbody th { min-width: 30rem } }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; width: 1% }
@media (max-width: 34rem) { dl { display: block } dd { margin-bottom: .5rem } th, td { padding-right: .5rem; font-size: .9rem } }
`

/** The page's one style sheet. The hash covers every byte between its tags. */
export const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`)

/** What the Content-Security-Policy allows: this style sheet and no other. */
export const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')
