import { z } from 'zod'
import { gitlabApi } from './gitlab-api.js'
import type { GitHost, HookEvent } from './host.js'
import { branch, number, pullRequestOf, unreadablePullRequest } from './pull-request.js'
import { address, changedPaths, keysOf, pushFields, pushOf, unreadable } from './push.js'
import { isSameText, only } from './signatures.js'
import { isStandardSigned, keyOfToken } from './standard-webhooks.js'

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events */
const Push = z.object({
  ...pushFields,
  user_name: address,
  total_commits_count: z.number().int().nullish().catch(null),
  project: z.object({ git_http_url: address, git_ssh_url: address, web_url: address }),
})

const projectId = z.number().int().nullish().catch(null)

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#merge-request-events */
const MergeRequest = z.object({
  user: z.object({ username: address }).nullish().catch(null),
  project: z.object({ git_http_url: address, git_ssh_url: address, web_url: address }),
  object_attributes: z.object({
    iid: number,
    title: address,
    state: z.string().max(20),
    source_branch: branch,
    target_branch: branch,
    source_project_id: projectId,
    target_project_id: projectId,
    last_commit: z.object({ id: z.string().max(100) }),
    updated_at: address,
  }),
})

export const gitlab: GitHost = {
  label: 'GitLab',
  api: gitlabApi,
  path: '/webhooks/gitlab',
  // The first two are one, and the same when a delivery is sent again; only the first is signed. GitLab before 17.4 has only the last.
  headers: { delivery: ['webhook-id', 'idempotency-key', 'x-gitlab-event-uuid'], event: ['x-gitlab-event'] },
  isSigned(secret, bytes, headers, now) {
    const key = keyOfToken(secret.reveal())
    return key ? isStandardSigned(key, bytes, headers, now) : isSameText(only(headers, 'x-gitlab-token'), secret)
  },
  // https://docs.gitlab.com/user/project/integrations/webhooks/#signing-tokens
  signingToken: {
    isWhole: (token) => keyOfToken(token) !== null,
    whatItIs: 'Paste all of the signing token that GitLab shows: whsec_ and 44 characters',
  },
  read(event, payload) {
    if (event === 'Merge Request Hook') return readMergeRequest(payload)
    if (event !== 'Push Hook') return { kind: 'not-used' }
    const { data: push } = Push.safeParse(payload)
    if (!push) return unreadable
    const { project, commits, after } = push
    const isNew = /^0+$/.test(push.before ?? '0')
    const head = commits?.find((commit) => commit?.id === after)
    return pushOf({
      ref: push.ref,
      before: push.before,
      after,
      keys: keysOf([project.git_http_url, project.git_ssh_url, project.web_url]),
      message: head?.message,
      pusher: push.user_name,
      changedPaths: isNew ? null : changedPaths(commits, push.total_commits_count ?? null),
    })
  },
  settings: '/-/hooks',
  steps: (url, hasSigningToken) => [
    { field: 'URL', value: url, isCopied: true },
    ...(hasSigningToken ? signed : plain),
    { field: 'Trigger', value: 'Push events, and for previews Merge request events' },
    { field: 'SSL verification', value: 'Enable' },
  ],
}

const plain = [
  { field: 'Secret token', value: 'the secret that was shown once' },
  {
    field: 'Signing token',
    value: 'From GitLab 19 on the better way: generate it there, and paste it on the page of this connection',
  },
]

const signed = [
  { field: 'Signing token', value: 'the one that was pasted here' },
  { field: 'Secret token', value: 'none' },
]

function readMergeRequest(payload: unknown): HookEvent {
  const { data } = MergeRequest.safeParse(payload)
  if (!data) return unreadablePullRequest
  const { object_attributes: it, project, user } = data
  return pullRequestOf({
    keys: keysOf([project.git_http_url, project.git_ssh_url, project.web_url]),
    number: it.iid,
    title: it.title,
    // Who did what it tells of; GitLab names the author by number only.
    author: user?.username,
    isOpen: it.state === 'opened',
    sha: it.last_commit.id,
    headBranch: it.source_branch,
    baseBranch: it.target_branch,
    isFork: !it.source_project_id || it.source_project_id !== it.target_project_id,
    updatedAt: it.updated_at,
  })
}
