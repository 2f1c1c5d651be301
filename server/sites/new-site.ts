import { linkThroughApps } from '../connections/connections.js'
import { type DeployWithOperation, requestDeploy } from '../deploys/deploys.js'
import { addressBySitesDomain } from '../domains/domains.js'
import { maybeRepositoryKey } from '../git/repository-key.js'
import { repositoryName } from '../git/repository-links.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { FieldError, UserError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer, type ServerRow } from '../servers/servers.js'
import { credentialPlace, type RepositoryAccess, sealAccess } from './credentials.js'
import { putEnvironment } from './environment.js'
import { readVariables } from './pasted.js'
import { busyPorts, insertPlaced } from './placing.js'
import * as queries from './queries.js'
import { siteCan } from './rules.js'
import type { FoundInside, NewSite, SiteDetails } from './schema.js'
import { columnsOf } from './setting-columns.js'
import { findSite } from './sites.js'
import { checkStack, credentialsFor, lookAt, sourceOf } from './source.js'

export interface CreatedSite {
  site: SitesRow
  server: ServerRow
  deploy: DeployWithOperation | null
}

export async function createSite(ctx: TeamCtx, wanted: NewSite): Promise<CreatedSite> {
  const { server, repositoryUrl, access, token, tokenUser, privateKey, ...details } = wanted
  if (access === 'deploy-key' && privateKey === null)
    throw new FieldError('privateKey', 'Give the private deploy key, or ask for a draft, which makes one')
  const credentials = credentialsFor(repositoryUrl, { access, token, tokenUser, privateKey })
  return createFrom(ctx, { server: await serverFor(ctx, server), repositoryUrl, credentials }, details)
}

export interface SiteSource {
  server: ServerRow
  repositoryUrl: string
  credentials: RepositoryAccess
}

/**
 * 1. What was left out is found out from the repository. 2. A port is chosen. 3. In one transaction: the site, its
 * environment, and its first deploy. The first two ask machines, so they come before the transaction.
 */
export async function createFrom(
  ctx: TeamCtx,
  source: SiteSource,
  details: SiteDetails,
  alsoIn: (tx: TeamTx) => Promise<void> = async () => {},
): Promise<CreatedSite> {
  const { server } = source
  refuseUnless(siteCan.liveOn(server))
  const variables = readVariables(details.environment ?? '', details.environmentKind)
  const whole = await complete(ctx, source, details)
  const isBusy = details.port === undefined ? await busyPorts(ctx, server) : new Set<number>()

  return ctx.transaction(async (tx) => {
    await alsoIn(tx)
    const id = newId()
    const { name: _name, port: _port, ...settings } = columnsOf(whole)
    await insertPlaced(tx, isBusy, {
      id,
      server_id: server.id,
      wanted_port: details.port,
      name: details.name ?? nameOf(source.repositoryUrl),
      repository_url: source.repositoryUrl,
      repository_key: maybeRepositoryKey(source.repositoryUrl) ?? '',
      auto_deploy: true,
      // Its first deploy is under way; until that has fetched the newest commit there is nothing to ask.
      reconcile_at: new Date(ctx.now().getTime() + firstAskMs),
      branch: whole.branch,
      ...sealAccess(ctx.services.vault, source.credentials, credentialPlace(id)),
      runtime: server.runtime ?? 'process',
      edge: server.edge ?? 'direct',
      ...settings,
      stack: whole.stack,
    })
    const site = await queries.maybeSiteById(tx, id)
    if (!site) throw new Error('The site was not written')
    await putEnvironment(tx, site, variables)
    await addressBySitesDomain(tx, site)
    await append(tx, {
      type: 'site.created',
      subject: { kind: 'site', id },
      data: { name: site.name, repository: site.repository_url, branch: site.branch, server: server.name },
    })
    await linkThroughApps(tx)
    const deploy = details.deploy === 'now' ? await requestDeploy(tx, site.slug) : null
    return { site: await findSite(tx, site.slug), server, deploy }
  })
}

const firstAskMs = 5 * 60_000

/** A server that is not there is a field that was filled in wrong. */
export async function serverFor(ctx: TeamCtx, slugOrId: string): Promise<ServerRow> {
  try {
    return await ctx.transaction((tx) => findServer(tx, slugOrId))
  } catch (error) {
    if (error instanceof UserError && error.status === 404) throw new FieldError('server', 'There is no such server')
    throw error
  }
}

type Whole = SiteDetails & { branch: string; stack: SitesRow['stack'] }

/** Looks at the repository only for what was left out, and believes a person more than what it sees. */
async function complete(ctx: TeamCtx, source: SiteSource, details: SiteDetails): Promise<Whole> {
  const remote = await sourceOf(ctx, source.repositoryUrl, source.credentials)
  const { branch, stack } = details
  const whole =
    branch !== undefined && stack !== undefined && isEnough(stack, details)
      ? { ...details, branch, stack }
      : withGuesses(details, await lookAt(ctx, source.server, remote, details))
  checkStack(whole, source.server)
  return whole
}

const isEnough = (stack: SitesRow['stack'], details: SiteDetails): boolean =>
  stack === 'dockerfile' ||
  (details.buildCommand !== undefined && (stack === 'node' ? details.startCommand : details.staticFolder) !== undefined)

function withGuesses(details: SiteDetails, found: FoundInside): Whole {
  const stack = details.stack ?? found.detection?.stack
  if (!stack)
    throw new FieldError(
      'stack',
      'Nothing in the repository says what kind of site it is. Choose it, or another root folder',
    )
  // Guesses about another kind of site are worth nothing.
  const guess = found.detection?.stack === stack ? found.detection : null
  return {
    ...details,
    branch: found.branch,
    stack,
    buildCommand: details.buildCommand === undefined ? (guess?.buildCommand ?? null) : details.buildCommand,
    startCommand: details.startCommand === undefined ? (guess?.startCommand ?? null) : details.startCommand,
    staticFolder: details.staticFolder === undefined ? (guess?.staticFolder ?? null) : details.staticFolder,
  }
}

const nameOf = (repositoryUrl: string): string => {
  const url = parseRepositoryUrl(repositoryUrl, ['https', 'ssh', 'http'])
  return repositoryName(url).split('/').at(-1)?.slice(0, 60) || 'site'
}
