import { hasInstallation, maybePicked, offersOf } from '../connections/connections.js'
import { repositoryName } from '../git/repository-links.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { why } from '../platform/verdict.js'
import { listServers, type ServerRow } from '../servers/servers.js'
import { recentDrafts } from './draft-queries.js'
import { draftView, findDraft } from './drafts.js'
import { siteCan } from './rules.js'
import type { SourceQuery } from './schema.js'

/** What the pages of the wizard show: first where the source is, then what is in it. */

export const sourcePage = (ctx: TeamCtx, { repository, address, access }: Partial<SourceQuery> = {}) =>
  ctx.reading(async (tx) => {
    const servers = (await listServers(tx, 200)).map(optionOf)
    const ofApp = repository === undefined ? null : await maybePicked(tx, repository)
    const hasApp = await hasInstallation(tx)
    return {
      servers,
      usual: servers.find(({ why }) => why === null)?.value ?? '',
      drafts: await recentDrafts(tx, 5),
      picked: ofApp ? { ...ofApp, access: 'github-app' } : address === undefined ? null : { url: address, access },
      hasApp,
      hasLists: hasApp || (await offersOf(tx)).length > 0,
    }
  })

const optionOf = (server: ServerRow) => {
  const verdict = siteCan.liveOn(server)
  return { value: server.slug, label: server.name, why: why(verdict) }
}

export const draftPage = (ctx: TeamCtx, id: string) =>
  ctx.reading(async (tx) => {
    const draft = await findDraft(tx, id)
    return {
      draft: draftView(draft),
      name:
        repositoryName(parseRepositoryUrl(draft.row.repository_url, ['https', 'ssh', 'http']))
          .split('/')
          .at(-1) ?? '',
      stacks: stackChoices(draft.server),
    }
  })

/** Which kinds of site the server can run. */
export const stackChoices = (server: Pick<ServerRow, 'name' | 'runtime'>) => [
  { value: 'node', label: 'Node.js', text: 'A program that listens, started by a command.' },
  { value: 'static', label: 'Static pages', text: 'Files in a folder, built first if there is a command.' },
  {
    value: 'dockerfile',
    label: 'Dockerfile',
    text: 'The repository says itself how it is built.',
    why: server.runtime === 'docker' ? null : `${server.name} runs sites without Docker`,
  },
]
