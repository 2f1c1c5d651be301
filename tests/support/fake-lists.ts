import type { RequestListener, ServerResponse } from 'node:http'

/** Lists of repositories as GitLab and Gitea tell them: to the right token, for the parameters that they document, in pages. */
export interface FakeList {
  readonly token: string
  /** Where a host of one's own has its API, such as `/gitlab/api/v4`. */
  readonly prefix?: string
  readonly repositories: readonly { name: string; url: string; isPrivate: boolean }[]
}

/** https://docs.gitlab.com/api/projects/#list-all-projects and https://docs.gitlab.com/api/rest/#pagination */
export const fakeGitlab = ({ token, prefix = '', repositories }: FakeList): RequestListener => {
  const known = [
    ...['archived', 'membership', 'order_by', 'page', 'per_page', 'search', 'search_namespaces', 'simple', 'sort'],
  ]
  return (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://host')
    if (req.headers['private-token'] !== token) return send(res, 401, { message: '401 Unauthorized' })
    if (pathname !== `${prefix}/projects`) return send(res, 404, { error: '404 Not Found' })
    const strangers = [...searchParams.keys()].filter((name) => !known.includes(name))
    if (strangers.length > 0) return send(res, 400, { error: `${strangers} is invalid` })
    if (searchParams.get('membership') !== 'true') return send(res, 400, { error: 'everybody’s were asked for' })
    const found = repositories.filter(({ name }) => name.includes(searchParams.get('search') ?? ''))
    const { rows, link } = pageOf(found, searchParams, 'per_page')
    send(res, 200, rows.map(project), { link })
  }
}

const project = ({ name, url, isPrivate }: FakeList['repositories'][number]) => ({
  ...{ id: 7, description: null, name: name.split('/').at(-1), path_with_namespace: name },
  ...{ created_at: '2026-01-01T00:00:00Z', default_branch: 'main', tag_list: [], topics: [] },
  ...{
    ssh_url_to_repo: 'git@host:x',
    http_url_to_repo: url,
    web_url: url,
    visibility: isPrivate ? 'private' : 'public',
  },
})

/** https://docs.gitea.com/api: `userGetCurrent`, for a token with `read:user`, and `repoSearch`. */
export const fakeGitea = ({ token, prefix = '', repositories }: FakeList): RequestListener => {
  const known = ['archived', 'limit', 'order', 'page', 'q', 'sort', 'uid']
  return (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://host')
    if (req.headers.authorization !== `token ${token}`) return send(res, 401, { message: 'token is required' })
    if (pathname === `${prefix}/user`) return send(res, 200, { id: 42, login: 'ada', email: 'ada@example.com' })
    if (pathname !== `${prefix}/repos/search`) return send(res, 404, { message: 'Not found' })
    const strangers = [...searchParams.keys()].filter((name) => !known.includes(name))
    if (strangers.length > 0) return send(res, 422, { message: `${strangers} is invalid` })
    if (searchParams.get('uid') !== '42') return send(res, 422, { message: 'everybody’s were asked for' })
    const found = repositories.filter(({ name }) => name.includes(searchParams.get('q') ?? ''))
    const { rows, link } = pageOf(found, searchParams, 'limit')
    const data = rows.map(({ name, url, isPrivate }) => ({
      ...{ id: 7, full_name: name, private: isPrivate, internal: false, empty: false },
      ...{ clone_url: url, html_url: url, default_branch: 'main' },
    }))
    send(res, 200, { ok: true, data }, { link })
  }
}

/** The links are of an address that nobody here can reach: behind a proxy that is what hosts give. */
function pageOf<Row>(all: readonly Row[], searchParams: URLSearchParams, size: string) {
  const [page, limit] = [Number(searchParams.get('page')), Number(searchParams.get(size))]
  const rest = [`<https://inside.lan/x?page=1>; rel="first"`]
  const isLast = page * limit >= all.length
  const link = (isLast ? rest : [`<https://inside.lan/x?page=${page + 1}>; rel="next"`, ...rest]).join(', ')
  return { rows: all.slice((page - 1) * limit, page * limit), link }
}

const send = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void =>
  void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
