/** Has a bare repository tell the panel of each push, as GitHub does: a `post-receive` hook that signs what it sends. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {string} repository the bare repository's folder
 * @param {{ url: string, secret: string, cloneUrl: string, pusher: string }} at `url`: where the webhook is sent
 */
export function installPushHook(repository, at) {
  const folder = join(repository, 'hooks')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'post-receive')
  // It holds the secret.
  writeFileSync(file, `#!${process.execPath}\n'use strict'\nconst at = ${JSON.stringify(at)}\n${program}`, {
    mode: 0o700,
  })
  chmodSync(file, 0o700)
}

const program = `
const { execFileSync } = require('node:child_process')
const { createHmac, randomUUID } = require('node:crypto')
const git = (...words) => execFileSync('git', words, { encoding: 'utf8' }).trim()
const lines = (text) => text.split('\\n').filter(Boolean)
const isNone = (sha) => /^0+$/.test(sha)

function commitOf(id) {
  const changes = lines(git('diff-tree', '--root', '--no-commit-id', '--name-status', '-r', id))
  const of = (letter) => changes.filter((line) => line[0] === letter).map((line) => line.slice(2))
  return { id, message: git('log', '-1', '--format=%B', id), added: of('A'), modified: of('M'), removed: of('D') }
}

async function tell(before, after, ref) {
  const range = isNone(before) ? after : before + '..' + after
  const commits = isNone(after) ? [] : lines(git('rev-list', '--reverse', '--max-count=100', range)).map(commitOf)
  const body = JSON.stringify({
    ref, before, after, created: isNone(before), deleted: isNone(after), forced: false, commits,
    head_commit: commits.at(-1) ?? null, pusher: { name: at.pusher },
    repository: { clone_url: at.cloneUrl, ssh_url: null, html_url: at.cloneUrl.replace(/\\.git$/, '') },
  })
  const response = await fetch(at.url, {
    method: 'POST', body,
    headers: {
      'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': randomUUID(),
      'x-hub-signature-256': 'sha256=' + createHmac('sha256', at.secret).update(body).digest('hex'),
    },
  })
  console.log(response.ok ? 'Hostler was told of the push' : 'Hostler answered ' + response.status)
}

let input = ''
process.stdin.on('data', (chunk) => { input += chunk })
process.stdin.on('end', async () => {
  for (const line of lines(input))
    await tell(...line.split(' ')).catch((error) => console.log('Hostler was not told of the push: ' + error.message))
})
`
