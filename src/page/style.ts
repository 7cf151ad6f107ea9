import { createHash } from 'node:crypto'
import { raw } from 'hono/html'

/** The system's own fonts and colours for light and dark; what is wider than a phone scrolls by itself. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9df, #3b424d); --soft: light-dark(#596170, #a3acba);
  --page: light-dark(#fff, #14171c); --text: light-dark(#1a1d22, #e6e9ee); --link: light-dark(#0b57c4, #8ab4ff);
  --good: light-dark(#17683a, #6fd196); --waiting: light-dark(#855600, #ecba5c); --bad: light-dark(#b3261e, #ff9388);
  --shade: light-dark(#f3f5f8, #1c2027) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.25rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif;
  background: var(--page); color: var(--text); overflow-wrap: anywhere }
body.old main { opacity: .5 }
a { color: var(--link) }
button { font: inherit; color: var(--link); background: none; border: 1px solid var(--line); border-radius: .3rem;
  padding: 0 .6rem; cursor: pointer }
:focus-visible { outline: .15rem solid var(--link); outline-offset: .15rem }
header { border-bottom: 1px solid var(--line); padding-bottom: .75rem }
h1 { font-size: 1.4rem; margin: 0 }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem }
caption, summary { font-weight: 600; text-align: start; padding: 0 0 .25rem }
summary { margin-top: 1.5rem; cursor: pointer }
p { margin: .4rem 0; max-width: 46rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .5rem 0 0; padding: 0 }
.soft { color: var(--soft); font-size: .9rem }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.good { --level: var(--good) } .waiting { --level: var(--waiting) } .bad { --level: var(--bad) }
.standing { border-inline-start: .3rem solid var(--level); padding: .35rem .75rem; font-weight: 600; max-width: none; font-size: 1.1rem }
.causes { list-style: none; margin: 1rem 0; padding: 0 }
.causes li { margin: .5rem 0; max-width: 56rem }
.standing b { color: var(--level); margin-inline-end: .25rem }
.causes b { color: var(--level, var(--soft)); margin-inline-end: .25rem }
.evidence { display: block; color: var(--soft); font-size: .9rem; padding-inline-start: 1rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0 }
dt { color: var(--soft) }
dd { margin: 0 }
code { font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: 1.25rem 0 .5rem }
th, td { text-align: start; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
td:not(.number) { min-width: 6rem }
thead th { color: var(--soft); font-weight: 500; font-size: .9rem; overflow-wrap: normal }
tbody th, tfoot th { font-weight: 400 }
.number { text-align: end; font-variant-numeric: tabular-nums; width: 1% }
td.number { white-space: nowrap }
.hour th:first-child { width: 12rem }
.hour thead th:nth-child(2) span { float: inline-end }
.hour td, .hour th { vertical-align: middle }
svg { display: block; width: 100%; height: 2.25rem; background: var(--shade) }
svg path { fill: none; stroke: var(--link); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round;
  vector-effect: non-scaling-stroke }
.scroll { overflow: auto; max-height: 80vh; margin: 1.25rem 0 .5rem }
.mesh { width: auto; margin: 0; border-collapse: separate; border-spacing: 0 }
.mesh th, .mesh td { border: 0; padding: 0 .15rem; text-align: center; vertical-align: middle; height: 1.5rem; overflow-wrap: normal }
.mesh th:first-child { text-align: start; padding-inline-end: 1rem; white-space: nowrap; position: sticky; left: 0;
  background: var(--page); z-index: 1; max-width: 16rem; overflow: hidden; text-overflow: ellipsis }
.mesh thead th { position: sticky; top: 0; background: var(--page); vertical-align: bottom; padding-bottom: .3rem; z-index: 1 }
.mesh thead th:first-child { z-index: 2 }
.mesh thead th + th span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.mesh tbody td, .mesh tfoot td { min-width: 1.6rem }
.mesh tbody td { border: .1rem solid var(--page); background: var(--shade) }
.mesh tbody tr:hover th, .mesh tbody tr:hover td:not(.in) { background: var(--line) }
.mesh .in { background: var(--good); color: transparent; font-size: .6rem }
.mesh tfoot th, .mesh tfoot td { position: sticky; bottom: 0; background: var(--page); font-variant-numeric: tabular-nums }
.mesh .few { color: var(--waiting); font-weight: 600 }
footer { margin-top: 2.5rem }
tbody th code { display: block; max-width: 28rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
@media (max-width: 52rem) { tbody th code { max-width: 14rem } .extra { display: none } }
@media (max-width: 34rem) { dl { display: block } dd { margin-bottom: .5rem } th, td { padding-right: .4rem; font-size: .9rem }
  thead th { font-size: .75rem } .hour th:first-child { width: 6.6rem } tbody th code { max-width: 5.5rem; direction: rtl; text-align: left } .hour .low { display: none }
  .hour td:not(.number) { min-width: 3.5rem } .mesh th:first-child { max-width: 9rem } }
@media (forced-colors: active) { .mesh .in { color: CanvasText } }
`

/** The page's one style sheet. The hash covers every byte between its tags. */
export const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`)

/** What the Content-Security-Policy allows: this style sheet and no other. */
export const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')
