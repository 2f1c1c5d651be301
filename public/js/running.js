// Every page asks for what runs, for its sidebar. Parts that show what it leads to look again when that has changed:
// `hx-trigger="running-changed from:body"`. What began and ended between two looks is known by being the newest.

const running = document.getElementById('running')
const ids = () => [...running.querySelectorAll('li, [id^=newest-]')].map(({ id }) => id).join(' ')
let known

function look() {
  const before = known
  known = ids()
  if (before !== undefined && before !== known) document.body.dispatchEvent(new Event('running-changed'))
}
if (running) document.addEventListener('htmx:after:swap', look)

// Hidden tabs ask nothing; whoever comes back to one has it ask at once.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) document.body.dispatchEvent(new Event('seen-again'))
})
