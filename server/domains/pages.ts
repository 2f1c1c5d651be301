import { deployCan } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { DomainsRow, FrontsRow } from '../platform/db/tables.js'
import { why } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { findSite, siteCan } from '../sites/sites.js'
import { serverAddress } from './address.js'
import { maybeOwn } from './certificates/own-queries.js'
import { pointingRecords, proofRecord } from './dns-records.js'
import { findDomain } from './finding.js'
import { heldCertificate } from './held-certificate.js'
import * as queries from './queries.js'
import { domainCan } from './rules.js'
import { domainView, frontView, ownView, serverAddresses } from './views.js'

/** What the pages about domains show, and with it what the API answers. */

async function headOf(tx: TeamTx, slug: string) {
  const site = await findSite(tx, slug)
  const server = await findServer(tx, site.server_id)
  const domains = await queries.domainsOf(tx, site.id)
  const front = (await queries.maybeFront(tx, site.id)) ?? null
  const seen = await queries.certificatesOf(
    tx,
    domains.map(({ id }) => id),
  )
  const certificates = new Map(seen.map((row) => [row.domain_id, row]))
  const beside = (id: string) => ({ front, edge: site.edge, certificate: certificates.get(id) ?? null })
  return {
    site,
    server,
    deployWhy: why(deployCan.deploy(site)),
    changeWhy: why(siteCan.change(site)),
    rows: { domains, front, beside },
  }
}

export const domainsPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const { rows, ...head } = await headOf(tx, slug)
    return {
      ...head,
      domains: rows.domains.map((row) => domainView(row, rows.beside(row.id))),
      front: frontView(rows.front, head.site.edge, rows.domains),
    }
  })

export const domainPage = (ctx: TeamCtx, slug: string, id: string) =>
  ctx.reading(async (tx) => {
    const { rows, ...head } = await headOf(tx, slug)
    const row = await findDomain(tx, head.site.id, id)
    const address = serverAddress(head.server, ctx.services.config.baseUrl)
    return {
      ...head,
      domain: domainView(row, rows.beside(row.id)),
      front: frontView(rows.front, head.site.edge, rows.domains),
      proof: proofRecord(row),
      pointing: pointingRecords(row.name, address, serverAddresses(row)),
      primaryWhy: why(domainCan.bePrimary(row)),
      ...(await heldCertificate(tx, row.id)),
      sitesDomainCertificate: row.sites_domain_id ? ownView(await maybeOwn(tx, row.sites_domain_id)) : null,
    }
  })

/** After a change, for the API. */
export const changedDomain = (ctx: TeamCtx, slug: string, row: DomainsRow) =>
  ctx.reading(async (tx) => {
    const { rows } = await headOf(tx, slug)
    return { domain: domainView(row, rows.beside(row.id)) }
  })

export const changedFront = (ctx: TeamCtx, slug: string, front: FrontsRow) =>
  ctx.reading(async (tx) => {
    const { rows, site } = await headOf(tx, slug)
    return { front: frontView(front, site.edge, rows.domains) }
  })
