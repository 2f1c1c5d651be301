import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestRepository } from './git-repository.js'

/** From now on the repository tells of each push as GitHub does: a program of its `post-receive` hook signs and sends it. */
export async function tellOfPushes(repository: TestRepository, at: { url: string; secret: string }): Promise<void> {
  const file = join(repository.bare, 'hooks', 'post-receive')
  await mkdir(join(repository.bare, 'hooks'), { recursive: true })
  await writeFile(file, `#!${process.execPath}\n${program({ ...at, cloneUrl: repository.httpUrl })}`)
  await chmod(file, 0o755)
}

const program = (at: { url: string; secret: string; cloneUrl: string }): string => `
const { execFileSync } = require('node:child_process')
const { createHmac, randomUUID } = require('node:crypto')
const at = ${JSON.stringify(at)}
const git = (...words) => execFileSync('git', words, { encoding: 'utf8' }).trim()
const isNone = (sha) => /^0+$/.test(sha)

async function tell(before, after, ref) {
  const range = isNone(before) ? [after] : [before + '..' + after]
  const ids = isNone(after) ? [] : git('rev-list', '--reverse', ...range).split('\\n').filter(Boolean)
  const commits = ids.map((id) => {
    const changes = git('diff-tree', '--root', '--no-commit-id', '--name-status', '-r', id).split('\\n').filter(Boolean)
    const of = (letter) => changes.filter((line) => line[0] === letter).map((line) => line.slice(2))
    return { id, message: git('log', '-1', '--format=%B', id), added: of('A'), modified: of('M'), removed: of('D') }
  })
  const body = JSON.stringify({
    ref, before, after, created: isNone(before), deleted: isNone(after), forced: false, commits,
    head_commit: commits.at(-1) ?? null, pusher: { name: 'octocat' },
    repository: { clone_url: at.cloneUrl, ssh_url: null, html_url: at.cloneUrl.replace(/\\.git$/, '') },
  })
  const response = await fetch(at.url, {
    method: 'POST', body,
    headers: {
      'content-type': 'application/json', 'user-agent': 'GitHub-Hookshot/test', 'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': 'sha256=' + createHmac('sha256', at.secret).update(body).digest('hex'),
    },
  })
  if (!response.ok) console.error('The panel answered ' + response.status)
}

let input = ''
process.stdin.on('data', (chunk) => { input += chunk })
process.stdin.on('end', async () => {
  for (const line of input.trim().split('\\n')) await tell(...line.split(' '))
})
`
