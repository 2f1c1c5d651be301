// <form data-guard> with a <div class="unsaved-pill" hidden> inside: shown once something was changed, and leaving the
// page asks first.

const isChanged = (form) =>
  [...form.elements].some((field) => {
    if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked
    if (field instanceof HTMLSelectElement) {
      const before = [...field.options].findIndex((option) => option.defaultSelected)
      return field.selectedIndex !== Math.max(before, 0)
    }
    return 'defaultValue' in field && field.value !== field.defaultValue
  })

function update(form) {
  const pill = form.querySelector('.unsaved-pill')
  if (pill) pill.hidden = !isChanged(form)
}

document.addEventListener('input', (event) => {
  const form = event.target.form
  if (form?.hasAttribute('data-guard')) update(form)
})

document.addEventListener('reset', (event) => {
  // The fields have their old values only after this event.
  if (event.target.hasAttribute('data-guard')) setTimeout(() => update(event.target))
})

let isSending = false
document.addEventListener('submit', () => {
  isSending = true
})

addEventListener('beforeunload', (event) => {
  const forms = [...document.querySelectorAll('form[data-guard]')]
  if (!isSending && forms.some(isChanged)) event.preventDefault()
})
