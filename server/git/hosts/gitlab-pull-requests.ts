import { z } from 'zod'
import type { PullRequestsApi } from './api.js'
import { branch, number, pullRequestOf, unreadablePullRequest } from './pull-request.js'
import { address } from './push.js'

const project = z.number().int().nullish().catch(null)

const MergeRequest = z.object({
  iid: number,
  title: address,
  state: z.string().max(20),
  author: z.object({ username: address }).nullish().catch(null),
  sha: z.string().max(100),
  source_branch: branch,
  target_branch: branch,
  source_project_id: project,
  target_project_id: project,
  updated_at: address,
})

/** https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request */
export const gitlabPullRequests: PullRequestsApi = {
  show: ({ repository, number: iid }) => ({
    method: 'GET',
    path: `/projects/${encodeURIComponent(repository)}/merge_requests/${iid}`,
  }),
  read(answer, repositoryKey) {
    const { data: it } = MergeRequest.safeParse(answer)
    if (!it) return unreadablePullRequest
    return pullRequestOf({
      keys: [repositoryKey],
      number: it.iid,
      title: it.title,
      author: it.author?.username,
      isOpen: it.state === 'opened',
      sha: it.sha,
      headBranch: it.source_branch,
      baseBranch: it.target_branch,
      isFork: !it.source_project_id || it.source_project_id !== it.target_project_id,
      updatedAt: it.updated_at,
    })
  },
}
