/**
 * Keeps the status page up to date: asks for it again, and replaces what has changed. The sidecar does all the drawing, so
 * this knows nothing of meshes.
 */
const PERIOD_MS = 5000
const TIMEOUT_MS = 10_000

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id))
const pause = element('pause')
const lost = element('lost')
const held = element('held')
const news = element('news')
let isPaused = false
let lastAnswer = new Date()

/** What is being selected, to be copied, must not be replaced now. */
function isSelected(/** @type {Element} */ piece) {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && selection.containsNode(piece, true)
}

/** The key and the text of what a screen reader is told of each network. */
function newsOf(/** @type {Document} */ page) {
  return [...page.querySelectorAll('[data-news]')].map((told) => ({
    key: told.getAttribute('data-news'),
    text: told.textContent,
  }))
}

function replaceChanged(/** @type {Document} */ next) {
  const [before, now] = [newsOf(document), newsOf(next)]
  let isHeld = false
  document.title = next.title
  for (const piece of document.querySelectorAll('[data-live]')) {
    const newer = next.getElementById(piece.id)
    if (newer === null || piece.innerHTML === newer.innerHTML) continue
    if (isSelected(piece)) isHeld = true
    else piece.replaceChildren(...newer.childNodes)
  }
  held.hidden = !isHeld
  const changed = now.filter(({ key }, index) => key !== before[index]?.key)
  if (changed.length > 0) news.textContent = changed.map(({ text }) => text).join('. ')
}

/** Whether the rest of the page would be the same, which is not replaced. */
function isMadeForTheSame(/** @type {Document} */ next) {
  return next.documentElement.dataset['madeFor'] === document.documentElement.dataset['madeFor']
}

async function update() {
  try {
    // Not './': a page whose own address has a user and a password in it may not ask for what is relative to it.
    const answer = await fetch(location.origin + location.pathname, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    // Read also where it is an error, or its connection stays in use.
    const text = await answer.text()
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    const next = new DOMParser().parseFromString(text, 'text/html')
    if (!isMadeForTheSame(next)) return location.reload()
    replaceChanged(next)
    lastAnswer = new Date()
    lost.hidden = true
  } catch {
    // Said once, or a screen reader would say it again and again.
    if (lost.hidden)
      lost.textContent = `The sidecar has not answered since ${lastAnswer.toLocaleTimeString()}: what is shown is old.`
    lost.hidden = false
  }
  document.body.classList.toggle('old', !lost.hidden)
}

async function run() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS))
    if (!isPaused && !document.hidden) await update()
  }
}

pause.hidden = false
pause.addEventListener('click', () => {
  isPaused = !isPaused
  pause.textContent = isPaused ? 'Go on' : 'Pause'
  if (!isPaused) void update()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !isPaused) void update()
})
void run()
