import { type CommentsApi, segments } from './api.js'

/** https://docs.github.com/en/rest/issues/comments: a pull request is an issue there. Gitea has the same. */
export const githubComments: CommentsApi = {
  list: ({ repository, number }, page) => ({
    method: 'GET',
    path: `/repos/${segments(repository)}/issues/${number}/comments?per_page=100&page=${page}`,
  }),
  create: ({ repository, number }, body) => ({
    method: 'POST',
    path: `/repos/${segments(repository)}/issues/${number}/comments`,
    body: { body },
  }),
  update: ({ repository }, id, body) => ({
    method: 'PATCH',
    path: `/repos/${segments(repository)}/issues/comments/${encodeURIComponent(id)}`,
    body: { body },
  }),
}
