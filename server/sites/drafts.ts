import { deployKeyLink } from '../git/repository-links.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SiteDraftsRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { isId, newId } from '../platform/ids.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer, type ServerRow } from '../servers/servers.js'
import { openAccess, sealAccess } from './credentials.js'
import * as drafts from './draft-queries.js'
import { type CreatedSite, createFrom, serverFor } from './new-site.js'
import { siteCan } from './rules.js'
import { FoundInside, type NewDraft, type SiteDetails } from './schema.js'
import { credentialsFor, lookAt, sourceOf } from './source.js'

/**
 * A site that is being described: its source, which server fetches it, and how it lets us in. A key that was made here is
 * kept with it while somebody pastes the public half elsewhere.
 */
export interface Draft {
  row: SiteDraftsRow
  server: ServerRow
}

const keptDays = 14

const draftPlace = (id: string) => ({ table: 'site_drafts', id, column: 'credential_sealed' })

/** Looks into the repository at once, unless a key of ours has to be let in there first. */
export async function createDraft(ctx: TeamCtx, wanted: NewDraft): Promise<Draft> {
  const server = await serverFor(ctx, wanted.server)
  refuseUnless(siteCan.liveOn(server))
  const credentials = credentialsFor(wanted.repositoryUrl, wanted)
  const source = await sourceOf(ctx, wanted.repositoryUrl, credentials)
  const isNewKey = credentials.kind === 'deploy-key' && wanted.privateKey === null
  const found = isNewKey ? null : await lookAt(ctx, server, source, {})

  const id = newId()
  return ctx.transaction(async (tx) => {
    await drafts.deleteDraftsBefore(tx, new Date(ctx.now().getTime() - keptDays * 86_400_000))
    await drafts.insertDraft(tx, {
      id,
      team_id: ctx.team.id,
      server_id: server.id,
      repository_url: wanted.repositoryUrl,
      ...sealAccess(ctx.services.vault, credentials, draftPlace(id)),
      found: found && JSON.stringify(found),
      created_at: ctx.now(),
    })
    return findDraft(tx, id)
  })
}

export async function lookAgain(
  ctx: TeamCtx,
  id: string,
  wish: { branch?: string | undefined; rootFolder?: string | undefined },
): Promise<Draft> {
  const draft = await ctx.transaction((tx) => findDraft(tx, id))
  const source = await sourceOf(ctx, draft.row.repository_url, accessOf(ctx, draft.row))
  const found = await lookAt(ctx, draft.server, source, wish)
  return ctx.transaction(async (tx) => {
    await drafts.updateDraft(tx, id, JSON.stringify(found))
    return findDraft(tx, id)
  })
}

/** The draft becomes the site, and is gone in the same transaction: pressed twice, it is one site. */
export async function createFromDraft(ctx: TeamCtx, id: string, details: SiteDetails): Promise<CreatedSite> {
  const { row, server } = await ctx.transaction((tx) => findDraft(tx, id))
  const source = { server, repositoryUrl: row.repository_url, credentials: accessOf(ctx, row) }
  return createFrom(ctx, source, details, async (tx) => {
    if (!(await drafts.deleteDraft(tx, id))) throw notFound('draft of a site')
  })
}

export const discardDraft = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    await findDraft(tx, id)
    await drafts.deleteDraft(tx, id)
  })

export async function findDraft(tx: TeamTx, id: string): Promise<Draft> {
  const row = isId(id) && (await drafts.maybeDraft(tx, id))
  if (!row) throw notFound('draft of a site')
  return { row, server: await findServer(tx, row.server_id) }
}

const accessOf = (ctx: TeamCtx, row: SiteDraftsRow) => openAccess(ctx.services.vault, row, draftPlace(row.id))

export const draftView = ({ row, server }: Draft) => ({
  id: row.id,
  server: { slug: server.slug, name: server.name },
  repositoryUrl: row.repository_url,
  access: row.credential_kind,
  deployPublicKey: row.deploy_public_key,
  keyLink: deployKeyLink(parseRepositoryUrl(row.repository_url, ['https', 'ssh', 'http'])),
  found: row.found === null ? null : FoundInside.parse(row.found),
  createdAt: row.created_at,
})
