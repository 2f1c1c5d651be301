import type { z } from 'zod'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { DomainsRow } from '../platform/db/tables.js'
import { findServer } from '../servers/servers.js'
import { serverAddress } from './address.js'
import { pointingRecords, proofRecord } from './dns-records.js'
import { heldCertificate } from './held-certificate.js'
import { baseOf, unicodeOf } from './names.js'
import { isChecking } from './rules.js'
import type { SitesDomainOutput } from './schema.js'
import * as queries from './sites-domain-queries.js'
import { findingsOf, serverAddresses } from './views.js'

const mostShown = 200

export const sitesDomainPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const server = await findServer(tx, slug)
    const row = (await queries.maybeSitesDomain(tx, server.id)) ?? null
    const address = serverAddress(server, ctx.services.config.baseUrl)
    return {
      server: { ...server, hostKeyChangedTo: server.host_key_changed_to },
      sitesDomain: row && sitesDomainView(row),
      proof: row && proofRecord(row),
      pointing: row && pointingRecords(row.name, address, serverAddresses(row)),
      sites: row ? (await queries.givenBy(tx, row.id, mostShown)).map(givenView) : [],
      edge: server.edge,
      ...(row ? await heldCertificate(tx, row.id) : { own: null, dnsChallenge: null }),
    }
  })

const sitesDomainView = (row: DomainsRow): z.input<typeof SitesDomainOutput> => ({
  name: baseOf(row.name),
  unicodeName: unicodeOf(baseOf(row.name)),
  isProven: row.verified_at !== null,
  isChecking: isChecking(row),
  checkedAt: row.checked_at,
  findings: findingsOf(row),
  createdAt: row.created_at,
})

const givenView = ({ id, name, slug, site_name }: queries.Given) => ({
  id,
  name,
  site: { slug, name: site_name },
})
