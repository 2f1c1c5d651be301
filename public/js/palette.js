// ⌘K: the results are a fragment that htmx fetches; here are the keys.

const palette = document.getElementById('palette')
const field = palette?.querySelector('input')
const results = document.getElementById('palette-results')

function open() {
  if (!palette || palette.open) return
  palette.showModal()
  field.value = ''
  ask(3)
  field.focus()
}

/** What is asked while the page still loads may be lost, and so may any request: an empty palette asks again. */
function ask(times) {
  field.dispatchEvent(new CustomEvent('palette'))
  setTimeout(() => {
    if (times > 1 && palette.open && results.childElementCount === 0) ask(times - 1)
  }, 2000)
}

function choose(step) {
  const links = [...results.querySelectorAll('a, button')]
  if (links.length === 0) return
  const now = links.findIndex((link) => link.classList.contains('is-chosen'))
  links[now]?.classList.remove('is-chosen')
  const next = links[(now + step + links.length) % links.length]
  next.classList.add('is-chosen')
  next.scrollIntoView({ block: 'nearest' })
}

document.addEventListener('keydown', (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k' && palette) {
    event.preventDefault()
    open()
  }
  if (!palette?.open) return
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    choose(event.key === 'ArrowDown' ? 1 : -1)
  }
  if (event.key === 'Enter' && event.target === field) {
    event.preventDefault()
    const link = results.querySelector('.is-chosen') ?? results.querySelector('a, button')
    link?.click()
  }
})

document.addEventListener('click', (event) => {
  if (event.target === palette) palette.close()
  const opener = event.target.closest?.('[data-palette]')
  // Without a script, or in a new tab, the link leads to the search page.
  if (!opener || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  open()
})
