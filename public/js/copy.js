// Copies `data-copy`, and shows for a moment that it did.

export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  // The clipboard API is only there on https and localhost; a first visit by IP address has neither.
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]')
  if (!button) return
  await copyText(button.dataset.copy)
  showCopied(button)
})

export function showCopied(button) {
  const use = button.querySelector('use')
  const before = use?.getAttribute('href')
  const label = button.getAttribute('aria-label')
  if (!use || button.classList.contains('is-copied')) return
  use.setAttribute('href', before.replace(/#.*/, '#check'))
  button.classList.add('is-copied')
  button.setAttribute('aria-label', 'Copied')
  setTimeout(() => {
    use.setAttribute('href', before)
    button.classList.remove('is-copied')
    button.setAttribute('aria-label', label)
  }, 1500)
}
