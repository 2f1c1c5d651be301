// A dialog opens as a popover without a script. With one it is modal: focus stays in it and the page behind is inert.

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[popovertarget]')
  const dialog = button && document.getElementById(button.getAttribute('popovertarget'))
  if (!(dialog instanceof HTMLDialogElement)) return
  event.preventDefault()
  if (button.getAttribute('popovertargetaction') === 'hide') dialog.close()
  else openModal(dialog)
})

export function openModal(dialog) {
  dialog.showModal()
  const form = dialog.querySelector('form[data-confirm-name]')
  if (!form) return
  const field = form.elements.namedItem('confirm')
  const submit = form.querySelector('[type="submit"]')
  const check = () => {
    submit.disabled = field.value !== form.dataset.confirmName
  }
  field.addEventListener('input', check)
  field.value = ''
  check()
  field.focus()
}
