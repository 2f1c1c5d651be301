import { z } from 'zod'
import { type RepositoriesApi, readEach } from './repositories.js'

const Found = z.object({ data: z.array(z.unknown()) })

const Repository = z.object({
  full_name: z.string().min(1).max(500),
  clone_url: z.string().max(1000),
  private: z.boolean(),
  internal: z.boolean().nullish().catch(null),
  empty: z.boolean().nullish().catch(null),
  default_branch: z.string().max(500).nullish().catch(null),
})

/** https://docs.gitea.com/api, `repoSearch`: with `uid`, what that person owns or contributes to; Forgejo has the same. */
export const giteaRepositories: RepositoriesApi = {
  right: 'user: read',
  whose: { method: 'GET', path: '/user' },
  list: ({ search, page, limit, person }) => ({
    method: 'GET',
    path: `/repos/search?${new URLSearchParams({
      ...(person === null ? {} : { uid: String(person) }),
      ...{ archived: 'false', sort: 'updated', order: 'desc', page: String(page), limit: String(limit) },
      ...(search === null ? {} : { q: search }),
    })}`,
  }),
  read(answer) {
    const { data: found } = Found.safeParse(answer)
    if (!found) return null
    return readEach(found.data, Repository, (repository) => ({
      name: repository.full_name,
      url: repository.clone_url,
      isPrivate: repository.private || repository.internal === true,
      defaultBranch: repository.empty ? '' : (repository.default_branch ?? ''),
    }))
  },
}
