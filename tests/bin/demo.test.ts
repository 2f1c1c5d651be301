import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveRepositories } from '../../bin/lib/demo/git-server.js'
import { projects } from '../../bin/lib/demo/projects.js'
import { commitsIn, ensureRepositories } from '../../bin/lib/demo/repositories.js'
import { readState, writeState } from '../../bin/lib/demo/state.js'

const run = promisify(execFile)

describe('the repositories of the demo', () => {
  let folder: string
  let served: { port: number; stop: () => void }
  const clone = (name: string, ...options: string[]) =>
    run('git', [
      'clone',
      '-q',
      ...options,
      `http://127.0.0.1:${served.port}/${name}.git`,
      join(folder, `clone-${name}`),
    ])

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'demo-'))
    await ensureRepositories(folder, projects)
    served = await serveRepositories(folder, 0)
  })
  afterAll(() => {
    served.stop()
    rmSync(folder, { recursive: true })
  })

  it('are cloned over HTTP with the whole of their history', async () => {
    await clone('hello')

    const { stdout } = await run('git', ['-C', join(folder, 'clone-hello'), 'log', '--reverse', '--format=%H %an %s'])
    const commits = await commitsIn(folder, 'hello')
    expect(stdout.trim().split('\n')).toEqual([
      `${commits[0]} Ada Lovelace Say hello`,
      `${commits[1]} Grace Hopper Tell visitors which release they see`,
    ])
    expect(readFileSync(join(folder, 'clone-hello', 'server.js'), 'utf8')).toContain('createServer')
  })

  it('give single commits without their files, as the look into a repository asks', async () => {
    await clone('handbook', '--depth=1', '--filter=blob:none', '--no-checkout')

    const { stdout } = await run('git', ['-C', join(folder, 'clone-handbook'), 'show', 'HEAD:index.html'])
    expect(stdout).toContain('24 to 31 December')
  })

  it('are not made a second time', async () => {
    const before = [await commitsIn(folder, 'hello'), statSync(join(folder, 'hello.git')).ino]
    await ensureRepositories(folder, projects)
    expect([await commitsIn(folder, 'hello'), statSync(join(folder, 'hello.git')).ino]).toEqual(before)
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  it('cannot be written to, and nothing else in the folder can be read', async () => {
    const ask = async (path: string, method = 'GET') =>
      (await fetch(`http://127.0.0.1:${served.port}${path}`, { method })).status

    expect(await ask('/hello.git/info/refs?service=git-receive-pack')).toBe(403)
    expect(await ask('/hello.git/git-receive-pack', 'POST')).toBe(404)
    for (const path of ['/', '/demo.json', '/hello.git/config', '/..%2fhello.git/info/refs', '/%2e%2e/hello.git/HEAD'])
      expect(await ask(path)).toBe(404)
  })
})

describe('what the demo remembers', () => {
  it('is for its owner’s eyes only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-'))
    try {
      expect(readState(folder)).toBeNull()
      const state = { gitPort: 1, team: 'corner-shop', apiKey: 'hst_x' }
      writeState(folder, state)
      expect(readState(folder)).toEqual(state)
      expect(statSync(join(folder, 'demo.json')).mode & 0o777).toBe(0o600)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
