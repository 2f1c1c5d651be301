import { isConnected, linkThroughApps, maybeEntrance } from '../connections/connections.js'
import { maybeRepositoryKey } from '../git/repository-key.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { fingerprintOf } from '../platform/events/fingerprint.js'
import { Secret } from '../platform/secret.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { refuseMissingBranch, refuseOtherBranch } from './branch.js'
import { credentialPlace, noEntrance, openAccess, type RepositoryAccess, sealAccess } from './credentials.js'
import * as queries from './queries.js'
import { siteCan } from './rules.js'
import type { SiteChanges, SourceChange } from './schema.js'
import { columnsOf } from './setting-columns.js'
import { findLocked, findSite } from './sites.js'
import { addressOf, checkStack, credentialsFor } from './source.js'

/** What is left out stays. It holds from the next deploy on; what runs is not touched. */
export async function updateSettings(
  ctx: TeamCtx,
  slug: string,
  changes: SiteChanges,
  signal: AbortSignal,
): Promise<SitesRow> {
  const { branch } = changes
  if (branch !== undefined)
    await refuseMissingBranch(ctx, await ctx.reading((tx) => findSite(tx, slug)), branch, signal)
  return ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    refuseOtherBranch(ctx, site, branch)
    const { stack = site.stack, startCommand = site.start_command } = changes
    checkStack({ stack, startCommand }, await findServer(tx, site.server_id))
    await refuseTakenPort(tx, site, changes.port)

    const columns = columnsOf(changes)
    const changed = Object.entries(columns).filter(([column, value]) => {
      const before = site[column as keyof SitesRow] // `as`: they are columns of sites
      return column === 'cpus' ? Number(before) !== Number(value) : before !== value
    })
    if (changed.length === 0) return site
    const forgotten = (branch ?? site.branch) === site.branch ? {} : queries.nothingSeen
    await queries.updateSite(tx, site.id, { ...Object.fromEntries(changed), ...forgotten })
    const settings = changed.map(([column]) => column.replaceAll('_', ' '))
    await changedEvent(tx, site, { settings, ...beforeAndAfter(tx, site, Object.fromEntries(changed)) })
    return reload(tx, site)
  })
}

/** A command may hold a secret that somebody wrote into it, so of those only a fingerprint is told. */
function beforeAndAfter(tx: TeamTx, site: SitesRow, after: Partial<SitesRow>) {
  const told = (row: Partial<SitesRow>) =>
    Object.keys(after).map((column) => {
      const value = row[column as keyof SitesRow] // `as`: they are columns of sites
      const isCommand = column.endsWith('_command') && typeof value === 'string' && value !== ''
      return [column, isCommand ? fingerprintOf(tx.ctx.services.vault, new Secret(value), site.id) : value]
    })
  return { before: Object.fromEntries(told(site)), after: Object.fromEntries(told(after)) }
}

async function refuseTakenPort(tx: TeamTx, site: SitesRow, port: number | undefined): Promise<void> {
  if (port === undefined || port === site.port) return
  // Also one that is not shown to them: it has the port all the same.
  const { services, team } = tx.ctx
  const taken = await services.db.inTeam(team.id, (db) => queries.portsIn(db, team.id, site.server_id), 'read only')
  if (taken.includes(port)) throw new FieldError('port', `Another site on this server has port ${port}`)
}

/** Another repository, or another way into it. */
export async function updateSource(ctx: TeamCtx, slug: string, change: SourceChange): Promise<SitesRow> {
  const changed = await ctx.transaction((tx) => changeSource(tx, slug, change))
  // Which repositories are connected is decided by all sites of the team, of which they may see one.
  if (!ctx.seesWholeTeam()) await TeamCtx.system(ctx.services, ctx.team).transaction(linkThroughApps)
  return changed
}

async function changeSource(tx: TeamTx, slug: string, change: SourceChange): Promise<SitesRow> {
  const { ctx } = tx
  const site = await findLocked(tx, slug)
  refuseUnless(siteCan.change(site))
  const { repositoryUrl, access } = change
  await refuseTeamsEntrance(tx, site, change)
  const credentials =
    access === 'keep' ? keptAccess(tx, site, repositoryUrl) : credentialsFor(repositoryUrl, { ...change, access })
  const url = addressOf(ctx, repositoryUrl)
  if (credentials.kind === 'github-app' && !(await maybeEntrance(tx, url))) throw noEntrance(url)

  await queries.updateSite(tx, site.id, {
    repository_url: repositoryUrl,
    repository_key: maybeRepositoryKey(repositoryUrl) ?? '',
    ...{ reconcile_at: null, reconcile_failures: 0, reconcile_fault: null },
    ...(repositoryUrl === site.repository_url ? {} : queries.nothingSeen),
    ...(access === 'keep' ? {} : sealAccess(ctx.services.vault, credentials, credentialPlace(site.id))),
  })
  if (ctx.seesWholeTeam()) await linkThroughApps(tx)
  await changedEvent(tx, site, { repository: repositoryUrl, access })
  return reload(tx, site)
}

/** Which of the repositories that the team can open a site is made from is for who may make sites; others bring their own way in. */
async function refuseTeamsEntrance(tx: TeamTx, site: SitesRow, { repositoryUrl, access }: SourceChange): Promise<void> {
  if (tx.ctx.may('site:create', null)) return
  const [kind, key] = [access === 'keep' ? site.credential_kind : access, maybeRepositoryKey(repositoryUrl) ?? '']
  const isSame = repositoryUrl === site.repository_url || (key !== '' && key === site.repository_key)
  const isTeams = isSame
    ? kind === 'github-app' && site.credential_kind !== 'github-app'
    : kind === 'github-app' || (access === 'keep' && kind !== 'none') || (await isConnected(tx, key))
  if (isTeams)
    throw new FieldError(
      'repositoryUrl',
      'Only who may create sites gives a site another repository that the team can open',
    )
}

/** A token goes only where it was given for: another host would be handed it. */
function keptAccess(tx: TeamTx, site: SitesRow, repositoryUrl: string): RepositoryAccess {
  const parse = (url: string) => parseRepositoryUrl(url, ['https', 'ssh', 'http'])
  const [before, after] = [parse(site.repository_url), parse(repositoryUrl)]
  const isElsewhere = before.host !== after.host || before.port !== after.port || before.protocol !== after.protocol
  if (site.credential_kind !== 'none' && isElsewhere)
    throw new FieldError('access', 'The repository is elsewhere now, so say anew how it lets us in')
  return openAccess(tx.ctx.services.vault, site, credentialPlace(site.id))
}

const changedEvent = (tx: TeamTx, site: SitesRow, data: Record<string, unknown>): Promise<string> =>
  append(tx, {
    type: 'site.updated',
    subject: { kind: 'site', id: site.id, name: site.name },
    data: { name: site.name, ...data },
  })

async function reload(tx: TeamTx, { id }: SitesRow): Promise<SitesRow> {
  const site = await queries.maybeSiteById(tx, id)
  if (!site) throw new Error('The site is gone')
  return site
}
