import nunjucks from 'nunjucks'
import { iconNames } from './icons.js'

/**
 * Icons, pills and options stand on a page by the dozen. As macros they were most of what a page cost: Nunjucks makes a frame and
 * a list of arguments for each call, and `stateBadge` its table of colours. So these are functions that views know.
 */

type Label = { readonly label?: string }

/** `icon('server')`, `icon('check', label='Done')`; throws for a name that is not in the sprite. */
export function makeIcon(asset: (path: string) => string) {
  const sprite = asset('vendor/icons.svg')
  return (name: string, { label }: Label = {}): nunjucks.runtime.SafeString => {
    if (!iconNames.has(name)) throw new Error(`There is no icon "${name}": add it to server/platform/http/icons.ts`)
    const said = label ? `role="img" aria-label="${escaped(label)}"` : 'aria-hidden="true"'
    return safe(`<svg class="icon" ${said}><use href="${sprite}#${name}"/></svg>`)
  }
}

/** `stateBadge('running')`: the same word has the same colour everywhere, and colour alone says nothing. */
export function stateBadge(state: string): nunjucks.runtime.SafeString {
  const moving = state === 'running' ? ' is-moving' : ''
  const word = escaped(state.charAt(0).toUpperCase() + state.slice(1))
  const dot = '<span class="dot" aria-hidden="true"></span>'
  return safe(`<span class="pill is-${toneOf.get(state) ?? 'neutral'}${moving}">${dot}${word}</span>`)
}

/** `servers | options(query.server)`: the `<option>`s of `{ value, label }`; a list of fifty costs as much as a table. */
export const options = (
  items: readonly { value: string; label: string }[],
  chosen?: string,
): nunjucks.runtime.SafeString => safe(items.map((item) => option(item, item.value === chosen)).join(''))

const option = ({ value, label }: { value: string; label: string }, isChosen: boolean): string =>
  `<option value="${escaped(value)}"${isChosen ? ' selected' : ''}>${escaped(label)}</option>`

const words = {
  good: ['live', 'succeeded', 'healthy', 'active', 'ready', 'reachable', 'good', 'proven'],
  info: ['running'],
  warning: ['cancelling', 'degraded', 'suspended', 'deactivated', 'stale', 'rolled back'],
  bad: ['failed', 'unhealthy', 'unreachable', 'dead'],
}
const toneOf = new Map(Object.entries(words).flatMap(([tone, states]) => states.map((state) => [state, tone])))

/** Only for what was escaped here. */
const safe = (html: string) => new nunjucks.runtime.SafeString(html)

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** A file for each component, in the order in which a later one may say more than an earlier. */
const components = [
  ...['hostler', 'buttons', 'page', 'tables', 'figures', 'banners', 'shell', 'menus', 'bare', 'forms', 'dialogs'],
  ...['api', 'log', 'sites', 'home', 'audit'],
]

/** The same on every page, so made once. */
export const stylesheets = (asset: (path: string) => string): nunjucks.runtime.SafeString =>
  safe(components.map((name) => `<link rel="stylesheet" href="${asset(`css/${name}.css`)}">`).join('\n  '))
