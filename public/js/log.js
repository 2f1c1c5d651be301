import { copyText, showCopied } from './copy.js'

// <hostler-log>: follows a stream of lines, and lets one find, copy, download and read them in peace.

const mostLines = 5000
const laterMs = 2000
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})
// Colours and cursor moves of terminals; the text stays.
const escapes = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])/g

class HostlerLog extends HTMLElement {
  connectedCallback() {
    this.lines = this.querySelector('.log-lines')
    this.state = this.querySelector('.log-state')
    this.find = this.querySelector('.log-find input')
    this.count = this.querySelector('.log-find output')
    this.lastSeq = Number(this.lines.lastElementChild?.dataset.seq ?? 0)
    this.isOver = !this.dataset.stream
    this.gone = new AbortController()
    const { signal } = this.gone
    for (const [time, words] of [...this.lines.children].map((line) => line.children)) {
      time.textContent = show(time.textContent)
      words.textContent = words.textContent.replace(escapes, '')
    }
    this.addEventListener('click', (event) => this.use(event.target.closest('[data-tool]')), { signal })
    this.find.addEventListener('input', () => this.search(), { signal })
    this.find.addEventListener('keydown', (event) => event.key === 'Enter' && this.step(event), { signal })
    this.watchScrolling(signal)
    // Browsers open six connections to a host: hidden tabs give theirs back.
    document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()), { signal })
    if (this.isFollowing) this.toEnd()
    if (!document.hidden) this.open()
  }

  disconnectedCallback() {
    this.gone.abort()
    this.close()
  }

  open() {
    if (this.isOver || this.source) return
    const url = new URL(this.dataset.stream, location.href)
    if (this.lastSeq) url.searchParams.set('after', this.lastSeq)
    this.source = new EventSource(url)
    this.source.onopen = () => this.say('')
    this.source.onerror = () => {
      this.say('Reconnecting…')
      // An answer that is no stream, such as that of a proxy whose panel restarts, ends it for the browser.
      if (this.source.readyState === EventSource.CLOSED) this.tryLater()
    }
    this.source.onmessage = (event) => {
      this.append([JSON.parse(event.data)].flat())
      if (event.lastEventId) this.lastSeq = Number(event.lastEventId)
    }
    this.source.addEventListener('changed', () => this.dispatchEvent(new CustomEvent('log:changed', { bubbles: true })))
    this.source.addEventListener('end', () => {
      this.isOver = true
      this.close()
      this.say('')
      this.dispatchEvent(new CustomEvent('log:end', { bubbles: true }))
    })
  }

  tryLater() {
    this.close()
    this.later = setTimeout(() => document.hidden || this.open(), laterMs)
  }

  close() {
    clearTimeout(this.later)
    this.source?.close()
    this.source = null
  }

  append(lines) {
    const known = this.lastSeq
    const added = lines.filter((line) => line.seq > known).map(lineElement)
    if (added.length === 0) return
    this.lines.append(...added)
    while (this.lines.childElementCount > mostLines) this.lines.firstElementChild.remove()
    this.lastSeq = Number(added.at(-1).dataset.seq)
    if (this.find.value) this.search(false)
    if (this.isFollowing) this.toEnd()
  }

  get followButton() {
    return this.querySelector('[data-tool="follow"]')
  }

  get isFollowing() {
    return this.followButton.getAttribute('aria-pressed') === 'true'
  }

  set isFollowing(on) {
    this.followButton.setAttribute('aria-pressed', String(on))
  }

  /** Scrolling up means reading: it stops following. Reaching the end means caught up: it follows again. */
  watchScrolling(signal) {
    let before = { top: this.lines.scrollTop, height: this.lines.scrollHeight }
    this.lines.addEventListener(
      'scroll',
      () => {
        const { scrollTop, scrollHeight, clientHeight } = this.lines
        const isAtEnd = scrollHeight - scrollTop - clientHeight < 8
        if (isAtEnd && !this.isOver) this.isFollowing = true
        // Old lines that were dropped also move what is seen; only a person scrolls within the same height.
        else if (scrollTop < before.top - 2 && scrollHeight === before.height) this.isFollowing = false
        before = { top: scrollTop, height: scrollHeight }
      },
      { signal, passive: true },
    )
  }

  toEnd() {
    this.lines.scrollTop = this.lines.scrollHeight
  }

  async use(button) {
    switch (button?.dataset.tool) {
      case 'follow':
        this.isFollowing = !this.isFollowing
        if (this.isFollowing) this.toEnd()
        break
      case 'times':
        button.setAttribute('aria-pressed', String(this.classList.toggle('has-times')))
        break
      case 'copy':
        await copyText([...this.lines.querySelectorAll('.log-line > span')].map((line) => line.textContent).join('\n'))
        showCopied(button)
        break
      case 'full':
        if (document.fullscreenElement) await document.exitFullscreen()
        else await this.requestFullscreen()
        break
    }
  }

  search(scrolls = true) {
    const wanted = this.find.value.toLowerCase()
    let found = 0
    for (const line of this.lines.children) {
      const isFound = wanted !== '' && line.lastElementChild.textContent.toLowerCase().includes(wanted)
      line.classList.toggle('is-found', isFound)
      if (!isFound) line.classList.remove('is-chosen')
      if (isFound) found++
    }
    this.count.textContent = wanted === '' ? '' : `${found} found`
    if (scrolls && found > 0) this.step()
  }

  step(event) {
    event?.preventDefault()
    const found = [...this.lines.querySelectorAll('.is-found')]
    if (found.length === 0) return
    const now = found.findIndex((line) => line.classList.contains('is-chosen'))
    found[now]?.classList.remove('is-chosen')
    const next = (now + (event?.shiftKey ? -1 : 1) + found.length) % found.length
    found[next].classList.add('is-chosen')
    this.isFollowing = false
    found[next].scrollIntoView({ block: 'center' })
    this.count.textContent = `${next + 1} of ${found.length}`
  }

  say(text) {
    this.state.textContent = text
  }
}

function lineElement({ seq, at, stream, text }) {
  const line = document.createElement('div')
  line.className = `log-line is-${stream === 'err' || stream === 'note' ? stream : 'out'}`
  line.dataset.seq = seq
  const time = document.createElement('time')
  time.textContent = show(at)
  const words = document.createElement('span')
  words.textContent = text.replace(escapes, '')
  line.append(time, words)
  return line
}

function show(at) {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? at : clock.format(time)
}

customElements.define('hostler-log', HostlerLog)
