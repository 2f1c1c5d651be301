/**
 * A path on our own origin, or `fallback`. For `next=` and the like: whatever a browser would read as another host
 * (`//evil`, `/\evil`, `https:evil`, a tab between the slashes) gives the fallback.
 */
export function ownPath(wanted: string | undefined, fallback = '/'): string {
  if (wanted === undefined || !wanted.startsWith('/')) return fallback
  // The URL parser does what browsers do: drops tabs and newlines, turns backslashes into slashes, resolves dots.
  const url = URL.canParse(wanted, base) ? new URL(wanted, base) : null
  if (url === null || url.origin !== base || url.username !== '' || url.pathname.startsWith('//')) return fallback
  return url.pathname + url.search + url.hash
}

const base = 'http://own.invalid'
