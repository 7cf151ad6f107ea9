/**
 * Keeps the status page up to date: asks for it again, and replaces what has changed. The sidecar does all the drawing, so
 * this knows nothing of meshes. Served as it stands.
 */
const PERIOD_MS = 5000
const TIMEOUT_MS = 10_000

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id))
const pause = element('pause')
const lost = element('lost')
const news = element('news')
let isPaused = false
let lastAnswer = new Date()

/** What must not be replaced now: something in it has the focus, or is being selected to be copied. */
function isInUse(/** @type {Element} */ piece) {
  const selection = getSelection()
  const isSelected = selection !== null && !selection.isCollapsed && selection.containsNode(piece, true)
  return isSelected || piece.contains(document.activeElement)
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
  document.title = next.title
  for (const piece of document.querySelectorAll('[data-live]')) {
    const newer = next.getElementById(piece.id)
    // Another configuration than the page was made for: only a new page shows it.
    if (newer === null) return location.reload()
    if (piece.innerHTML !== newer.innerHTML && !isInUse(piece)) piece.replaceChildren(...newer.childNodes)
  }
  const changed = now.filter(({ key }, index) => key !== before[index]?.key)
  if (changed.length > 0) news.textContent = changed.map(({ text }) => text).join('. ')
}

async function update() {
  try {
    const answer = await fetch('./', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (next.documentElement.dataset['version'] !== document.documentElement.dataset['version'])
      return location.reload()
    replaceChanged(next)
    lastAnswer = new Date()
    lost.hidden = true
  } catch {
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
