import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface GitHttpRules {
  /** Where the repositories are. */
  readonly root: string
  readonly token: string
  /** Names ("owner/name") that need no token. */
  readonly publicNames: ReadonlySet<string>
  /** Awaited before a pack is sent. */
  readonly gate: () => Promise<void>
}

/**
 * Git over HTTP as a forge serves it: 401 without a token, 403 for the token "read-nothing", 404 for what is not there.
 * `/moved/…` redirects to the same path without it, `/silent/…` never answers, `/page/…` is a web page.
 */
export async function startGitHttp(rules: GitHttpRules): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(rules, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's address is never a string
  return { port, stop: () => stop(server) }
}

async function answer(rules: GitHttpRules, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://git.test')
  if (url.pathname.startsWith('/silent/')) return
  if (url.pathname.startsWith('/page/'))
    return void response.end('<!doctype html>\n<title>A page</title>\n<h1>Not Git</h1>\n')
  if (url.pathname.startsWith('/moved/')) {
    return void response.writeHead(301, { location: url.pathname.slice('/moved'.length) + url.search }).end()
  }
  const password = passwordOf(request)
  const name = /^\/([^/]+\/[^/]+?)\.git\//.exec(url.pathname)?.[1] ?? ''
  if (password === 'read-nothing') return void response.writeHead(403).end()
  if (password !== rules.token && !rules.publicNames.has(name)) {
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="Git"' }).end()
  }
  if (url.pathname.endsWith('/git-upload-pack') && request.method === 'POST') await rules.gate()
  runBackend(rules, url, request, response)
}

function passwordOf(request: IncomingMessage): string | null {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return basic === undefined
    ? null
    : Buffer.from(basic, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
}

function runBackend({ root }: GitHttpRules, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
  }
  const backend = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  backend.stdin.on('error', () => undefined) // the backend may answer before it has read all
  request.pipe(backend.stdin)
  response.on('close', () => backend.kill())
  passCgi(backend.stdout, response)
}

/** The head of a CGI answer ends with an empty line; the rest is the body. */
function passCgi(stdout: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    stdout.off('data', onData)
    const lines = head.subarray(0, end).toString().split('\r\n')
    const headers = lines.map((line) => line.split(/: (.*)/s))
    response.statusCode = Number.parseInt(headers.find(([name]) => name === 'Status')?.[1] ?? '200', 10)
    for (const [name = '', value = ''] of headers) if (name !== 'Status') response.setHeader(name, value)
    response.write(head.subarray(end + 4))
    stdout.pipe(response)
  }
  stdout.on('data', onData)
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
