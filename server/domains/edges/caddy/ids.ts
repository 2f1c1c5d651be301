import { isObject, type Json } from './json.js'

/** What of Caddy's configuration is ours, and of which site: it bears an `@id`. */

export const idOf = (value: Json): string => (isObject(value) && typeof value['@id'] === 'string' ? value['@id'] : '')
export const isOurs = (value: Json): boolean => idOf(value).startsWith('hostler-')
export const siteOf = (value: Json): string =>
  idOf(value).replace(/^hostler-(challenge|site-https?|wild-https?|policy-first|policy)-/, '')
export const isOfSite = (value: Json, siteId: string): boolean => isOurs(value) && siteOf(value) === siteId
