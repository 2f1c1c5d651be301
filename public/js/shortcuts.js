import { openModal } from './dialogs.js'

// `?` lists the shortcuts. A key alone gets in the way of people who speak to their machine, so it can be switched off.

const list = document.getElementById('shortcuts')
const isWanted = document.getElementById('question-mark')

function chosen() {
  try {
    return localStorage.getItem('question-mark') ?? 'on'
  } catch {
    return 'on'
  }
}

if (isWanted) {
  isWanted.closest('label').hidden = false
  isWanted.checked = chosen() === 'on'
  isWanted.addEventListener('change', () => localStorage.setItem('question-mark', isWanted.checked ? 'on' : 'off'))
}

document.addEventListener('keydown', (event) => {
  if (event.key !== '?' || !isWanted?.checked) return
  if (document.querySelector('dialog[open]') || event.target.closest('input, select, textarea')) return
  event.preventDefault()
  openModal(list)
})
