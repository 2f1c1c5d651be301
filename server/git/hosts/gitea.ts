import { z } from 'zod'
import { readCreation, readDeletion } from './branch-event.js'
import { giteaApi } from './gitea-api.js'
import type { GitHost } from './host.js'
import { readPullRequest } from './pull-request.js'
import { address, Commit, changedPaths, keysOf, pushFields, pushOf, unreadable } from './push.js'
import { isHmac, only } from './signatures.js'

/** https://docs.gitea.com/usage/webhooks; Forgejo sends the same, also under names of its own. */
const Push = z.object({
  ...pushFields,
  total_commits: z.number().int().nullish().catch(null),
  head_commit: Commit.nullish().catch(null),
  pusher: z.object({ login: address }).nullish().catch(null),
  repository: z.object({ clone_url: address, ssh_url: address, html_url: address }),
})

export const gitea: GitHost = {
  label: 'Gitea or Forgejo',
  api: giteaApi,
  path: '/webhooks/gitea',
  headers: {
    delivery: ['x-gitea-delivery', 'x-forgejo-delivery'],
    event: ['x-gitea-event', 'x-forgejo-event'],
  },
  isSigned: (secret, bytes, headers) =>
    isHmac(only(headers, 'x-gitea-signature') ?? only(headers, 'x-forgejo-signature'), secret, bytes),
  read(event, payload) {
    if (isPullRequest(event)) return readPullRequest(payload)
    if (event === 'create') return readCreation(payload)
    if (event === 'delete') return readDeletion(payload, null)
    if (event !== 'push') return { kind: 'not-used' }
    const { data: push } = Push.safeParse(payload)
    if (!push) return unreadable
    const { repository, commits } = push
    const isNew = /^0+$/.test(push.before ?? '0')
    return pushOf({
      ref: push.ref,
      before: push.before,
      after: push.after,
      keys: keysOf([repository.clone_url, repository.ssh_url, repository.html_url]),
      message: push.head_commit?.message,
      pusher: push.pusher?.login,
      changedPaths: isNew ? null : changedPaths(commits, push.total_commits ?? null),
    })
  },
  settings: '/settings/hooks/gitea/new',
  steps: (url) => [
    { field: 'Target URL', value: url, isCopied: true },
    { field: 'HTTP method', value: 'POST' },
    { field: 'POST content type', value: 'application/json' },
    { field: 'Secret', value: 'the secret that was shown once' },
    { field: 'Trigger on', value: 'Custom events: Push, and for previews Pull request and Pull request synchronized' },
  ],
}

/** With every change of one; `pull_request_comment` and the like are others. */
const isPullRequest = (event: string): boolean => event === 'pull_request' || event === 'pull_request_sync'
