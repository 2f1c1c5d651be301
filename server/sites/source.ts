import { detect } from '../deploys/deploys.js'
import { listBranches, peek } from '../git/probe.js'
import { parseBranchName } from '../git/ref-name.js'
import type { Source } from '../git/remote.js'
import { parseRepositoryUrl, type RepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { FieldError, UserError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import { generateKey, parsePrivateKey } from '../platform/ssh/keys.js'
import type { ServerRow } from '../servers/servers.js'
import { lend, type RepositoryAccess } from './credentials.js'
import type { FoundInside } from './schema.js'

/** What a person says about getting in. */
export interface AccessWish {
  access: RepositoryAccess['kind']
  token: string | null
  tokenUser: string | null
  privateKey: string | null
}

/** @throws FieldError where the address and the way in do not fit each other */
export function credentialsFor(repositoryUrl: string, wish: AccessWish): RepositoryAccess {
  const isSsh = parseRepositoryUrl(repositoryUrl, ['https', 'ssh', 'http']).protocol === 'ssh'
  switch (wish.access) {
    case 'none':
      return { kind: 'none' }
    case 'github-app':
      if (isSsh) throw new FieldError('access', 'The app lets us in at the https:// address of the repository')
      return { kind: 'github-app' }
    case 'token':
      if (isSsh)
        throw new FieldError('access', 'An SSH address takes a deploy key. Use the https:// address with a token')
      if (wish.token === null) throw new FieldError('token', 'Paste the token here')
      return { kind: 'token', user: wish.tokenUser, token: new Secret(wish.token) }
    case 'deploy-key': {
      if (!isSsh)
        throw new FieldError('access', 'A deploy key needs the SSH address, such as git@github.com:owner/name.git')
      const key =
        wish.privateKey === null
          ? generateKey('hostler-deploy-key')
          : parsePrivateKey(wish.privateKey, { field: 'privateKey', comment: 'hostler-deploy-key' })
      return { kind: 'deploy-key', privateKey: key.privateKey, publicKey: key.publicLine }
    }
  }
}

/** Ready to be asked. Not inside of a transaction: GitHub may have to give a token first. @throws FieldError */
export async function sourceOf(ctx: TeamCtx, repositoryUrl: string, access: RepositoryAccess): Promise<Source> {
  const url = addressOf(ctx, repositoryUrl)
  return { url, credentials: await lend(ctx, repositoryUrl, access) }
}

/** As this panel is set up: most take no unencrypted http. @throws FieldError */
export function addressOf(ctx: TeamCtx, repositoryUrl: string): RepositoryUrl {
  try {
    return parseRepositoryUrl(repositoryUrl, ctx.services.config.gitProtocols)
  } catch (error) {
    throw atField('repositoryUrl', error)
  }
}

/** Asks the Git server, from the server that will fetch the source, which branches there are and what is in one of them. */
export async function lookAt(
  ctx: TeamCtx,
  server: ServerRow,
  source: Source,
  wish: { branch?: string | undefined; rootFolder?: string | undefined },
): Promise<FoundInside> {
  const host = await ctx.services.hosts.get(server.id)
  try {
    const known = await listBranches(host, source)
    const branches = known.branches.map(({ name }) => name as string)
    const branch = chooseBranch(branches, known.defaultBranch, wish.branch)
    const detection = await peek(host, { ...source, branch: parseBranchName(branch) }, {}, (files) =>
      detect(files, wish.rootFolder ?? '', server.runtime ?? undefined),
    )
    return { branches, defaultBranch: known.defaultBranch, branch, rootFolder: wish.rootFolder ?? '', detection }
  } catch (error) {
    throw atField('repositoryUrl', error)
  }
}

function chooseBranch(branches: readonly string[], usual: string | null, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (branches.includes(wanted)) return wanted
    throw new FieldError('branch', `The repository has no branch “${wanted}”`)
  }
  const branch = usual ?? branches[0]
  if (branch === undefined)
    throw new FieldError('repositoryUrl', 'The repository has no branch yet. Push a first commit, then come back')
  return branch
}

/** A sentence of Git's, beside the field it is about. */
function atField(field: string, error: unknown): unknown {
  if (!(error instanceof UserError) || error instanceof FieldError) return error
  return new FieldError(field, [error.message, error.hint].filter(Boolean).join('. '))
}

/** What could never be deployed is said now. */
export function checkStack(
  site: { stack: SitesRow['stack']; startCommand?: string | null | undefined },
  server: Pick<ServerRow, 'runtime' | 'name'>,
): void {
  if (site.stack === 'dockerfile' && server.runtime !== 'docker')
    throw new FieldError('stack', `${server.name} runs sites without Docker, so it cannot build a Dockerfile`)
  if (site.stack === 'node' && !site.startCommand)
    throw new FieldError('startCommand', 'Say how the program is started, such as npm start')
}
