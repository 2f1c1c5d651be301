import nunjucks, { type Environment } from 'nunjucks'

/** How times, sizes and durations look, everywhere the same. */
export function addFilters(env: Environment, clock: () => Date): void {
  env.addFilter('ago', (time: Date | string | null) => timeElement(time, clock()))
  env.addFilter('bytes', bytes)
  env.addFilter('duration', duration)
  env.addFilter('plural', plural)
  env.addFilter('initials', initials)
  env.addFilter('webUrl', webUrl)
}

/** `3 minutes ago`, the exact time on hover; a script moves it to the reader's zone and keeps it current. */
function timeElement(time: Date | string | null, now: Date): nunjucks.runtime.SafeString {
  const date = typeof time === 'string' ? new Date(time) : time
  if (date === null || Number.isNaN(date.getTime())) return new nunjucks.runtime.SafeString('<span>never</span>')
  const iso = date.toISOString()
  const exact = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
  // Nothing of a user in it: digits and our own words.
  return new nunjucks.runtime.SafeString(`<time datetime="${iso}" title="${exact}" data-ago>${ago(date, now)}</time>`)
}

export function ago(time: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - time.getTime()) / 1000)
  if (Math.abs(seconds) < 10) return 'just now'
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const)
  return relative.format(-Math.round(seconds / length), unit)
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** Powers of 1024 under their everyday names, as people read disks and memory. */
export function bytes(size: number | string | null): string {
  if (size === null) return '–'
  let left = Number(size)
  const unit = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'].find((_, i, all) => {
    if (left < 1024 || i === all.length - 1) return true
    left /= 1024
    return false
  })
  return `${left < 10 && unit !== 'B' ? left.toFixed(1).replace(/\.0$/, '') : Math.round(left)} ${unit}`
}

/** Milliseconds as `240 ms`, `4.2 s`, `3 m 05 s` or `2 h 10 m`. */
export function duration(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 10) return `${(ms / 1000).toFixed(1)} s`
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export const initials = (name: string): string =>
  name
    .split(/[\s@._-]+/)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('')

/** A link that somebody typed, or null. Escaping does not stop `javascript:`, so `<a href>` takes only what passed here. */
export function webUrl(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}
