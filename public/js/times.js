// Keeps "3 minutes ago" true, and gives the exact time in the reader's own zone.

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

function ago(time) {
  const seconds = Math.round((Date.now() - time.getTime()) / 1000)
  if (Math.abs(seconds) < 10) return 'just now'
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length)
  return relative.format(-Math.round(seconds / length), unit)
}

function update(root = document) {
  for (const element of root.querySelectorAll('time[data-ago]')) {
    const time = new Date(element.dateTime)
    const text = ago(time)
    if (element.textContent !== text) element.textContent = text
    element.title = exact.format(time)
  }
}

update()
document.addEventListener('htmx:after:swap', () => update())
setInterval(() => !document.hidden && update(), 10_000)
