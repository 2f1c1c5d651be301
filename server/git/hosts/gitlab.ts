import { z } from 'zod'
import { gitlabApi } from './gitlab-api.js'
import type { GitHost, HookEvent } from './host.js'
import { branch, number, pullRequestOf, unreadablePullRequest } from './pull-request.js'
import { address, changedPaths, keysOf, pushFields, pushOf, unreadable } from './push.js'
import { isSameText, only } from './signatures.js'

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events */
const Push = z.object({
  ...pushFields,
  before: z.string().max(100).nullish().catch(null),
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
  // The first is the same when a delivery is sent again; GitLab before 17.4 has only the second.
  headers: { delivery: ['idempotency-key', 'x-gitlab-event-uuid'], event: ['x-gitlab-event'] },
  isSigned: (secret, _bytes, headers) => isSameText(only(headers, 'x-gitlab-token'), secret),
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
      after,
      keys: keysOf([project.git_http_url, project.git_ssh_url, project.web_url]),
      message: head?.message,
      pusher: push.user_name,
      changedPaths: isNew ? null : changedPaths(commits, push.total_commits_count ?? null),
    })
  },
  settings: '/-/hooks',
  steps: (url) => [
    { field: 'URL', value: url, isCopied: true },
    { field: 'Secret token', value: 'the secret that was shown once' },
    { field: 'Trigger', value: 'Push events, and for previews Merge request events' },
    { field: 'SSL verification', value: 'Enable' },
  ],
}

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
