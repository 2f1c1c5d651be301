/** Caddy's configuration is other people's too: it is carried as plain JSON, and only our own paths in it are ever set. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  const [key, ...rest] = path
  if (key === undefined) return value
  return isObject(value) && Object.hasOwn(value, key) ? valueAt(value[key], rest) : undefined
}

/** A copy with `value` at `path`; objects on the way are made where there are none. */
export function withValue(whole: Json | undefined, path: readonly string[], value: Json): Json {
  const [key, ...rest] = path
  if (key === undefined) return value
  const object = isObject(whole) ? whole : {}
  return { ...object, [key]: withValue(object[key], rest, value) }
}

/** A copy without what is at `path`, and without the objects on the way that held nothing else. */
export function withoutValue(whole: Json, path: readonly string[]): Json {
  const [key, ...rest] = path
  if (key === undefined || !isObject(whole) || !Object.hasOwn(whole, key)) return whole
  const { [key]: inner = null, ...others } = whole
  const left = rest.length === 0 ? {} : withoutValue(inner, rest)
  return isObject(left) && Object.keys(left).length === 0 ? others : { ...whole, [key]: left }
}

/** The same whatever the order of keys: Caddy gives them back sorted. */
export function isSameJson(one: Json | undefined, other: Json | undefined): boolean {
  return stable(one) === stable(other)
}

const stable = (value: Json | undefined): string =>
  JSON.stringify(value, (_key, inner: Json) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? ''
