import { z } from 'zod'
import { readCreation, readDeletion } from './branch-event.js'
import { githubApi } from './github-api.js'
import type { GitHost, HookEvent } from './host.js'
import { readPullRequest } from './pull-request.js'
import { address, Commit, changedPaths, keysOf, pushFields, pushOf, unreadable } from './push.js'
import { isHmac, only } from './signatures.js'

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
const Push = z.object({
  ...pushFields,
  created: z.boolean().nullish().catch(null),
  forced: z.boolean().nullish().catch(null),
  head_commit: Commit.nullish().catch(null),
  pusher: z.object({ name: address }).nullish().catch(null),
  repository: z.object({ clone_url: address, ssh_url: address, html_url: address }),
})

const number = z
  .int()
  .positive()
  .transform((id) => String(id))

/** Of whatever is told through an app. */
const Installed = z.object({ installation: z.object({ id: number }) })

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation */
const OfInstallation = z.object({
  action: z.string(),
  installation: z.object({
    id: number,
    account: z.object({ login: z.string().max(200) }),
    repository_selection: z.enum(['all', 'selected']),
  }),
})

/** Of a larger push the payload has only the first. */
const mostCommits = 2048

export const github: GitHost = {
  label: 'GitHub',
  api: githubApi,
  path: '/webhooks/github',
  headers: { delivery: ['x-github-delivery'], event: ['x-github-event'] },
  isSigned(secret, bytes, headers) {
    const given = only(headers, 'x-hub-signature-256')
    return given?.startsWith('sha256=') === true && isHmac(given.slice('sha256='.length), secret, bytes)
  },
  read(event, payload) {
    if (event === 'ping') return { kind: 'ping' }
    if (event === 'pull_request') return readPullRequest(payload, installationIn(payload))
    if (event === 'installation' || event === 'installation_repositories') return readInstallation(payload)
    if (event === 'create') return readCreation(payload)
    if (event === 'delete') return readDeletion(payload, installationIn(payload))
    if (event !== 'push') return { kind: 'not-used' }
    const { data: push } = Push.safeParse(payload)
    if (!push) return unreadable
    const { repository, commits } = push
    // Of a branch that is new or was rewritten, the commits do not tell what is different from before.
    const isWhole = !push.created && !push.forced && (commits?.length ?? 0) < mostCommits
    return pushOf({
      ref: push.ref,
      before: push.before,
      after: push.after,
      keys: keysOf([repository.clone_url, repository.ssh_url, repository.html_url]),
      message: push.head_commit?.message,
      pusher: push.pusher?.name,
      changedPaths: isWhole ? changedPaths(commits, null) : null,
      installation: installationIn(payload),
    })
  },
  settings: '/settings/hooks/new',
  steps: (url) => [
    { field: 'Payload URL', value: url, isCopied: true },
    { field: 'Content type', value: 'application/json' },
    { field: 'Secret', value: 'the secret that was shown once' },
    { field: 'SSL verification', value: 'Enable' },
    { field: 'Which events', value: 'Let me select individual events: Pushes, and Pull requests for previews' },
  ],
}

function readInstallation(payload: unknown): HookEvent {
  const { data } = OfInstallation.safeParse(payload)
  if (!data) return { kind: 'unreadable', why: 'It is not what this host sends for an installation' }
  const { id, account, repository_selection: selection } = data.installation
  const isGone = data.action === 'deleted'
  return { kind: 'installation', installation: { number: id, account: account.login, selection, isGone } }
}

const installationIn = (payload: unknown): string | null => Installed.safeParse(payload).data?.installation.id ?? null
