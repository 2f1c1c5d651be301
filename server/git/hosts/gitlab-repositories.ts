import { z } from 'zod'
import { type RepositoriesApi, readEach } from './repositories.js'

/** `visibility` is not in every version's short form. */
const Project = z.object({
  path_with_namespace: z.string().min(1).max(500),
  http_url_to_repo: z.string().max(1000),
  visibility: z.string().nullish().catch(null),
  default_branch: z.string().max(500).nullish().catch(null),
})

/** https://docs.gitlab.com/api/projects/#list-all-projects, of which its person is a member; pages by offset, to 50,000. */
export const gitlabRepositories: RepositoriesApi = {
  right: 'read_api',
  list: ({ search, page, limit }) => ({
    method: 'GET',
    path: `/projects?${new URLSearchParams({
      ...{ membership: 'true', simple: 'true', archived: 'false' },
      ...{ order_by: 'last_activity_at', sort: 'desc', page: String(page), per_page: String(limit) },
      ...(search === null ? {} : { search, search_namespaces: 'true' }),
    })}`,
  }),
  read(answer) {
    if (!Array.isArray(answer)) return null
    return readEach(answer, Project, (project) => ({
      name: project.path_with_namespace,
      url: project.http_url_to_repo,
      isPrivate: project.visibility ? project.visibility !== 'public' : null,
      defaultBranch: project.default_branch ?? '',
    }))
  },
}
