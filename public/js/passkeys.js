// Passkeys: a form asks the panel for a challenge and the browser for its answer, and is sent with that. Without scripts
// browsers have no passkeys, so this is the one thing here that is needed.

const messages = {
  NotAllowedError: 'No passkey was used. Try again, or go on another way.',
  InvalidStateError: 'This device has a passkey for you here already.',
}

let library
const load = (source) => {
  library ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: source, onload: resolve, onerror: reject })
    document.head.append(script)
  })
  return library
}

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.dataset.passkey || form.elements.response.value !== '') return
  event.preventDefault()
  const button = form.querySelector('[type="submit"]')
  button.disabled = true
  try {
    const optionsJSON = await challengeOf(form.dataset.challenges)
    if (!optionsJSON) return
    await load(form.dataset.library)
    const { startAuthentication, startRegistration } = window.SimpleWebAuthnBrowser
    const ask = form.dataset.passkey === 'add' ? startRegistration : startAuthentication
    form.elements.response.value = JSON.stringify(await ask({ optionsJSON }))
    form.submit()
  } catch (error) {
    say(messages[error.name] ?? 'This browser could not use a passkey here.')
  } finally {
    button.disabled = false
  }
})

/** Null when the panel would rather show something else first. */
async function challengeOf(url) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? ''
  // Asked as htmx asks, so that a refusal is a notice and a way elsewhere a header.
  const headers = { 'X-CSRF-Token': token, 'HX-Request': 'true', 'HX-Current-URL': location.href }
  const answer = await fetch(url, { method: 'POST', headers })
  if (answer.ok) return answer.json()
  const elsewhere = answer.headers.get('HX-Redirect')
  if (elsewhere) location.assign(elsewhere)
  else say(new DOMParser().parseFromString(await answer.text(), 'text/html').body.textContent.trim())
  return null
}

function say(text) {
  const notice = document.createElement('div')
  notice.className = 'notice is-bad'
  notice.setAttribute('role', 'alert')
  const line = document.createElement('p')
  line.textContent = text
  notice.append(line)
  document.getElementById('notices')?.replaceChildren(notice)
}
