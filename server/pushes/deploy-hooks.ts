import { createHash, randomBytes } from 'node:crypto'
import { ensureDeploy } from '../deploys/deploys.js'
import { paths } from '../paths.js'
import { TeamCtx } from '../platform/access/ctx.js'
import { conflict, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import { spendQuota } from '../platform/quotas/quotas.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { refuseUnless } from '../platform/verdict.js'
import { findLocked, siteCan, updateSite } from '../sites/sites.js'
import * as queries from './queries.js'
import { noteBadHook } from './refusals.js'
import { isFrozen } from './rules.js'

/**
 * An address that deploys the site when something posts to it: for hosts without webhooks, and for pipelines. Whoever has
 * it may deploy, and nothing else. It is shown this once; the one before it stops working.
 */
export const makeDeployHook = (ctx: TeamCtx, slug: string): Promise<Secret> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const hook = randomBytes(32).toString('base64url')
    await updateSite(tx, site.id, { deploy_hook_hash: hashOf(hook) })
    const subject = { kind: 'site', id: site.id }
    await append(tx, { type: 'site.deploy-hook-made', subject, data: { name: site.name } })
    return new Secret(new URL(paths.deployHook(hook), ctx.services.config.baseUrl).href)
  })

export const removeDeployHook = (ctx: TeamCtx, slug: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    if (site.deploy_hook_hash === null) return
    await updateSite(tx, site.id, { deploy_hook_hash: null })
    const subject = { kind: 'site', id: site.id }
    await append(tx, { type: 'site.deploy-hook-removed', subject, data: { name: site.name } })
  })

/**
 * Returns the number of the deploy that will take the newest commit.
 * @throws UserError 404 for any other address, 409 where the site takes no deploys, or is frozen, 429 after too many
 */
export async function deployByHook(
  services: Services,
  hook: string,
  address: string | null = null,
): Promise<{ deploy: number; isNew: boolean }> {
  const found = await services.db.asSystem(async (db) => {
    const site = await queries.siteOfHook(db, hashOf(hook))
    const team = site && (await maybeTeam(db, site.team_id))
    return team && { site, team }
  })
  if (!found) {
    await noteBadHook(services, address)
    throw notFound('deploy hook')
  }
  await spendQuota(services, found.team.id, 'deploys')
  return TeamCtx.system(services, found.team, 'Deploy hook').transaction(async (tx) => {
    const site = await findLocked(tx, found.site.slug)
    if (isFrozen(site, tx.ctx.now()))
      throw conflict('Pushes to the site are held back', `${site.frozen_reason}. Post again once the freeze is over.`)
    const { deploy, isNew } = await ensureDeploy(tx, site.slug, { by: 'hook' })
    return { deploy: deploy.number, isNew }
  })
}

/** SHA-256 is enough for 256 random bits. */
const hashOf = (hook: string): Buffer => createHash('sha256').update(hook).digest()
