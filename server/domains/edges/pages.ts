/** What visitors see while there is no site to show. No name of the site, the server or a program: strangers read these. */
const page = (title: string, text: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1.5rem;color:#1f2937;background:#f9fafb}
h1{font-size:1.5rem;margin:0 0 .5rem}@media(prefers-color-scheme:dark){body{color:#e5e7eb;background:#111827}}</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`

export const nothingDeployedPage = page(
  'Nothing is deployed here yet',
  'This address is ready. The site appears after its first deploy.',
)

export const notAnsweringPage = page(
  'This site is not answering',
  'The site did not answer just now. Please try again in a minute.',
)

export const unknownNamePage = page(
  'There is no site here',
  'The name leads to this machine, but no site of that name is here.',
)

export const passwordPage = page('This site asks for a password', 'Ask whoever sent you here, then try again.')

/** What people are told to wait by the page that stands in for the site. */
export const maintenanceSeconds = 300

/** @param text as somebody wrote it; lines stay lines */
export const maintenancePage = (text: string): string =>
  page('Back soon', text === '' ? 'This site is being worked on. Please try again in a few minutes.' : htmlOf(text))

const htmlOf = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/\r\n?|\n/g, '<br>\n')

export const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Retry-After': '30',
} as const
