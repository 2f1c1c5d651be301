/**
 * Headers by which proxies tell an application who is calling. A visitor can write them too, so an edge drops all that
 * came in and sets `X-Forwarded-For`, `-Proto` and `-Host` from the connection itself.
 */
export const forgeableHeaders = [
  'X-Forwarded-*',
  'Forwarded',
  'X-Real-Ip',
  'X-Client-Ip',
  'X-Cluster-Client-Ip',
  'True-Client-Ip',
  'Cf-Connecting-Ip',
  'Fastly-Client-Ip',
  'X-Original-Url',
  'X-Rewrite-Url',
  // Skipped by nobody, but read by PHP and Python applications as if the dashes were there.
  'X_forwarded_*',
] as const

export const isForgeable = (header: string): boolean => {
  const name = header.toLowerCase()
  return forgeableHeaders.some((pattern) => {
    const wanted = pattern.toLowerCase()
    return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted
  })
}
