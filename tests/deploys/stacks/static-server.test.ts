import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureStaticServer } from '../../../server/deploys/stacks/static-server.js'
import { LocalHost } from '../../../server/platform/ssh/local-host.js'
import { freePort } from '../../support/sshd.js'

let folder: string
let port: number
let child: ChildProcess

/** As it is on the wire: `fetch` would tidy the path up. */
async function get(target: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const asked = request({ port, host: '127.0.0.1', path: target, agent: false, ...options }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode, headers: response.headers, body }
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hostler-static-'))
  const host = new LocalHost({ name: 'this machine', root: `${folder}/root` })
  // Twice: the second finds it there.
  expect(await ensureStaticServer(host)).toBe(await ensureStaticServer(host))

  mkdirSync(`${folder}/site/blog/.git`, { recursive: true })
  mkdirSync(`${folder}/site/.well-known`)
  const files = {
    'index.html': '<h1>Home</h1>',
    '404.html': '<h1>Lost</h1>',
    'blog/index.html': '<h1>Blog</h1>',
    'about.html': '<h1>About</h1>',
    'a b+ü%.txt': '0123456789',
    '.env': 'SECRET=1',
    'blog/.git/config': 'SECRET=1',
    '.well-known/acme': 'token',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/site/${name}`, text)
  symlinkSync('/etc/passwd', `${folder}/site/passwd`)
  symlinkSync('/etc', `${folder}/site/blog/etc`)
  symlinkSync('..', `${folder}/site/blog/up`)
  symlinkSync('about.html', `${folder}/site/same.html`)

  port = await freePort()
  const server = `${await ensureStaticServer(host)}/serve.mjs`
  child = spawn(process.execPath, [server, `${folder}/site`], {
    env: { PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout) await once(child.stdout, 'data')
}, 60_000)

afterAll(async () => {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  rmSync(folder, { recursive: true, force: true })
})

describe('the static server', () => {
  test.each([
    ['/', '<h1>Home</h1>'],
    ['/?x=/../y', '<h1>Home</h1>'],
    ['/blog/', '<h1>Blog</h1>'],
    ['/about', '<h1>About</h1>'],
    ['/same.html', '<h1>About</h1>'],
    ['/a%20b+%C3%BC%25.txt', '0123456789'],
    ['/.well-known/acme', 'token'],
    ['/blog/up/about.html', '<h1>About</h1>'],
  ])('shows %s', async (target, body) => {
    expect(await get(target)).toMatchObject({ status: 200, body })
  })

  test.each([
    '/none',
    '/.env',
    '/%2eenv',
    '/blog/.git/config',
    '/blog/up/.env',
    '/passwd',
    '/./passwd',
    '/blog/../passwd',
    '/blog/etc/passwd',
    '/blog/up/passwd',
    '/blog/up/blog/etc/passwd',
    '/../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/.well-known/../.env',
    '/.well-known/.git',
    '//etc/passwd',
  ])('shows the page for what is not there at %s', async (target) => {
    expect(await get(target)).toMatchObject({ status: 404, body: '<h1>Lost</h1>' })
  })

  test('a folder without its slash leads to it, so that its links work', async () => {
    expect(await get('/blog')).toMatchObject({ status: 301, headers: { location: '/blog/' } })
  })

  test.each(['/%', '/%00', 'http:'])('refuses the address %s', async (target) => {
    expect((await get(target)).status).toBe(400)
  })

  test('sends nothing again that the browser has', async () => {
    const { etag } = (await get('/')).headers

    expect(await get('/', { headers: { 'If-None-Match': String(etag) } })).toMatchObject({ status: 304, body: '' })
    expect((await get('/none', { headers: { 'If-None-Match': '*' } })).status).toBe(404)
  })

  test.each([
    ['bytes=2-4', 206, '234'],
    ['bytes=-3', 206, '789'],
    ['bytes=7-', 206, '789'],
    ['bytes=5-2', 416, 'There is no such part of this file.\n'],
    ['bytes=99-', 416, 'There is no such part of this file.\n'],
  ])('of a file, %s is %i', async (range, status, body) => {
    expect(await get('/a%20b+%C3%BC%25.txt', { headers: { Range: range } })).toMatchObject({ status, body })
  })

  test('answers HEAD without a body and refuses what would change something', async () => {
    expect(await get('/', { method: 'HEAD' })).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '13' },
    })
    expect(await get('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect((await get('/', { method: 'DELETE' })).status).toBe(405)
  })
})
