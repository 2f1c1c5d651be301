/**
 * Serves one folder, on a site's machine. It is sent there with the packages it needs (see ../static-server.ts), so it
 * is plain JavaScript and imports nothing else of ours.
 *
 * usage: PORT=8080 HOST=127.0.0.1 node serve.mjs <folder>
 */
import { readdirSync, realpathSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { createServer } from 'node:http'
import { isAbsolute, join, posix, relative } from 'node:path'
import send from 'send'

const folder = realpathSync(process.argv[2] ?? '.')

const server = createServer(async (request, response) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'This page can only be read.', { Allow: 'GET, HEAD' })
  }
  const path = pathOf(request.url ?? '/')
  if (path === null) return refuse(response, 400, 'This address cannot be read.')
  if (await leadsAway(path)) return missing(request, response)

  // Names of old browsers' files may end in anything; nothing but what is there is served, and never a hidden file.
  /** @type {import('send').SendOptions} */
  const options = { root: folder, extensions: ['html'], dotfiles: isWellKnown(path) ? 'allow' : 'ignore' }
  send(request, encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23'), options)
    .on('headers', (reply) => reply.setHeader('X-Content-Type-Options', 'nosniff'))
    .on('error', (error) => {
      if (error.status === 416) return refuse(response, 416, 'There is no such part of this file.', error.headers)
      return missing(request, response)
    })
    .pipe(response)
})

/**
 * A page of the site for addresses that are not there: 404.html says so; 200.html is an application that reads the
 * address itself.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function missing(request, response) {
  delete request.headers.range
  const [page, status] = hasFile('200.html') ? ['/200.html', 200] : ['/404.html', 404]
  // Conditions were about another address.
  for (const name of Object.keys(request.headers)) if (name.startsWith('if-')) delete request.headers[name]
  response.statusCode = status
  send(request, page, { root: folder, cacheControl: false, etag: false, lastModified: false })
    .on('error', () => refuse(response, 404, 'There is no such page here.'))
    .pipe(response)
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} sentence
 */
function refuse(response, status, sentence, headers = {}) {
  if (response.headersSent) return response.destroy()
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(`${sentence}\n`)
}

/** @param {string} url */
function pathOf(url) {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, ''))
    return path.includes('\0') || !path.startsWith('/') ? null : posix.normalize(path)
  } catch {
    return null
  }
}

/**
 * Certificates and the like are asked for under /.well-known/.
 * @param {string} path
 */
function isWellKnown(path) {
  return path.startsWith('/.well-known/') && !path.slice(1).includes('/.')
}

/** @param {string} name */
function hasFile(name) {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => entry.isFile() && entry.name === name)
}

/**
 * Links in a repository may point anywhere on the machine. One that leaves the folder, or ends at a hidden file, is as if
 * it were not there.
 * @param {string} path
 */
async function leadsAway(path) {
  const ends = await Promise.all(
    [path, `${path}.html`, `${path}/index.html`].map((file) => realpath(join(folder, file)).catch(() => null)),
  )
  return ends.some((end) => end !== null && !isServed(relative(folder, end)))
}

/** @param {string} inside */
const isServed = (inside) => !isAbsolute(inside) && (isWellKnown(`/${inside}`) || !/(?:^|\/)\./.test(inside))

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  console.log(`Serving ${folder} on port ${process.env.PORT ?? 8080}`)
})

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
