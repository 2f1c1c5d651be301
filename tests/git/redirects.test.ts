import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureMirror } from '../../server/git/mirror.js'
import { listBranches, newestCommit, peek } from '../../server/git/probe.js'
import { parseBranchName } from '../../server/git/ref-name.js'
import type { Remote } from '../../server/git/remote.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

/** Listens on a free port of this machine. */
async function listen(
  answer: (path: string, response: ServerResponse) => Promise<void>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => void answer(request.url ?? '', response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // It listens on TCP.
  return { server, url: `http://127.0.0.1:${port}` }
}

describe.skipIf(!needs('git', 'sshd'))('SF-09: a Git server that sends people elsewhere', () => {
  let scene: GitScene
  let target: { server: Server; url: string }
  let asked: string[] = []
  beforeAll(async () => {
    scene = await startGitScene()
    target = await listen(async (path, response) => {
      asked.push(path)
      response.end()
    })
  })
  afterAll(async () => {
    target.server.close()
    await scene.stop()
  })
  beforeEach(() => {
    asked = []
  })

  const main = parseBranchName('main')
  const never = new AbortController().signal
  const asks: [string, (remote: Remote) => Promise<unknown>][] = [
    ['asked for its branches', (remote) => listBranches(scene.host, remote)],
    ['asked for a commit', (remote) => newestCommit(scene.host, { ...remote, branch: main })],
    ['looked into', (remote) => peek(scene.host, { ...remote, branch: main }, { signal: never }, async () => null)],
    ['fetched from', (remote) => ensureMirror(scene.host, remote)],
  ]
  const away = async (path: string, response: ServerResponse) => {
    response.writeHead(302, { location: target.url + path }).end()
  }

  test.each(asks)('at once: is refused when it is %s, and nobody is asked there', async (_, ask) => {
    const moving = await listen(away)

    await expect(ask(scene.remote(`${moving.url}/team/site.git`))).rejects.toThrow('has moved')

    expect(asked).toEqual([])
    moving.server.close()
  })

  test.each(asks)('after the first answer: is refused when it is %s, and nobody is asked there', async (_, ask) => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'a' }, isPublic: true })
    const first = new URL(repository.httpUrl)
    const moving = await listen(async (path, response) => {
      if (!path.includes('/info/refs')) return away(path, response)
      const answer = await fetch(first.origin + path, { headers: { 'git-protocol': 'version=2' } })
      response.writeHead(200, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })

    await expect(ask(scene.remote(moving.url + first.pathname))).rejects.toThrow()

    expect(asked).toEqual([])
    moving.server.close()
  })
})
