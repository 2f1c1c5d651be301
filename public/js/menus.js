// Menus are <details>, so they open without a script. This closes them: a click elsewhere, Escape, or another menu.

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false
  }
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const menu = document.querySelector('details.menu[open]')
  if (!menu) return
  menu.open = false
  menu.querySelector('summary').focus()
})

// What opens over the page closes when the keyboard leads out of it: nothing that has the focus is ever covered.
document.addEventListener('focusin', (event) => {
  for (const open of document.querySelectorAll('[popover]:popover-open')) {
    if (!open.contains(event.target)) open.hidePopover()
  }
})
