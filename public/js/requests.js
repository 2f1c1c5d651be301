// htmx: our token on every request, no code out of attributes, no polling in tabs that nobody looks at.

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? ''

// htmx 4 passes attributes on to children only where told to, so a header on <body> would reach nothing: it is set here.
document.addEventListener('htmx:config:request', (event) => {
  const { request, sourceEvent } = event.detail.ctx
  if (document.hidden && sourceEvent?.type === 'every') return event.preventDefault()
  if (request.method !== 'GET') request.headers['X-CSRF-Token'] = token
  // Nobody asked for it, so it keeps no session alive.
  if (sourceEvent?.type === 'every') request.headers['X-Unasked'] = 'true'
})

// Whoever was removed, or may do less now, keeps nothing on the screen that is not theirs any more: the page is loaded
// again, and says what is true. The sidebar of each page asks every few seconds.
document.addEventListener('htmx:before:response', (event) => {
  const { response, sourceEvent } = event.detail.ctx
  if (!['every', 'seen-again'].includes(sourceEvent?.type) || ![403, 404].includes(response.status)) return
  event.preventDefault()
  location.reload()
})

// `js:` values, hx-on and trigger filters would compile text from the page. The policy forbids it; here it is refused first.
function refuse() {
  return {
    call() {
      throw new Error('Code in attributes is switched off')
    },
  }
}
window.htmx?.registerExtension('no-eval', { init: (api) => api.initSecurity(null, refuse, refuse) })

// The server did not answer at all: say so where all notices are.
document.addEventListener('htmx:error', (event) => {
  const isPolling = event.detail?.ctx?.sourceEvent?.type === 'every'
  const notices = document.getElementById('notices')
  if (isPolling || !notices) return
  const notice = document.createElement('div')
  notice.className = 'notice is-bad'
  notice.setAttribute('role', 'alert')
  const text = document.createElement('p')
  text.textContent = 'The panel did not answer. Check your connection and try again.'
  notice.append(text)
  notices.replaceChildren(notice)
})

document.addEventListener('click', (event) => {
  event.target.closest?.('[data-dismiss]')?.closest('.notice')?.remove()
})
