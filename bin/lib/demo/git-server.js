/**
 * Serves the demo's repositories for `git clone`, to this machine alone and to read only. It is the two requests of Git's
 * smart protocol, each answered by `git upload-pack`: https://git-scm.com/docs/http-protocol
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'

/**
 * On the port that it had before, or on any free one.
 * @param {string} folder
 * @param {number} port 0: any
 * @returns {Promise<{ port: number, stop: () => void }>}
 */
export function serveRepositories(folder, port) {
  const server = createServer((request, response) => answer(folder, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const stop = () => {
        server.close()
        server.closeAllConnections()
      }
      resolve({ port: typeof address === 'object' && address ? address.port : port, stop })
    })
  })
}

/**
 * @param {string} folder
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function answer(folder, request, response) {
  const url = new URL(request.url ?? '/', 'http://git.invalid')
  // Nothing but a name can be asked for, so no path leads out of the folder.
  const [, name, what] = /^\/([a-z][a-z0-9-]*)\.git\/(info\/refs|git-upload-pack)$/.exec(url.pathname) ?? []
  const repository = join(folder, `${name}.git`)
  if (name === undefined || !existsSync(repository)) return void response.writeHead(404).end()

  if (what === 'info/refs' && request.method === 'GET') {
    if (url.searchParams.get('service') !== 'git-upload-pack') return void response.writeHead(403).end()
    respond(response, 'advertisement').write('001e# service=git-upload-pack\n0000')
    return uploadPack(['--advertise-refs', repository], request, response)
  }
  if (what === 'git-upload-pack' && request.method === 'POST') {
    return uploadPack([repository], request, respond(response, 'result'))
  }
  response.writeHead(405).end()
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {'advertisement' | 'result'} part
 */
const respond = (response, part) =>
  response.writeHead(200, {
    'content-type': `application/x-git-upload-pack-${part}`,
    'cache-control': 'no-cache',
  })

/**
 * @param {readonly string[]} words
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function uploadPack(words, request, response) {
  const protocol = String(request.headers['git-protocol'] ?? '')
  const env = /^version=[0-2]$/.test(protocol) ? { ...process.env, GIT_PROTOCOL: protocol } : process.env
  const child = spawn('git', ['upload-pack', '--strict', '--stateless-rpc', ...words], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  body.on('error', () => child.kill())
  child.stdin.on('error', () => undefined)
  child.on('error', () => response.destroy())
  response.on('close', () => child.kill())
  body.pipe(child.stdin)
  child.stdout.pipe(response)
}
