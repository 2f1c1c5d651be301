import { digestOf } from '../../server/domains/ca-settings.js'
import { tellServedUrl } from '../../server/domains/certificates/certificates.js'
import type { Access } from '../../server/domains/edges/access.js'
import { ask } from '../../server/domains/edges/ask.js'
import type { Front } from '../../server/domains/edges/front.js'
import { acmeOf, frontOf, markApplied, markFailed, markTried, wantedFront } from '../../server/domains/fronts.js'
import { requestServing } from '../../server/domains/jobs.js'
import { serveDomainsOperation } from '../../server/domains/operations.js'
import { ring } from '../../server/domains/ring.js'
import { conflict, UserError } from '../../server/platform/errors.js'
import { type AnyOperationHandler, handleOperation, type StepRun } from '../../server/platform/operations/handle.js'
import type { DeployParts } from '../deploys/context.js'
import { loadSite, type SiteContext } from '../sites/context.js'

const minute = 60_000

type Step = StepRun<typeof serveDomainsOperation, SiteContext | null>

export const serveDomainsHandler = (parts: DeployParts): AnyOperationHandler =>
  handleOperation<typeof serveDomainsOperation, SiteContext | null>({
    operation: serveDomainsOperation,
    load: (ctx, { siteId }, { fence }) => loadSite(ctx, parts, { siteId, fence }),
    steps: {
      'Set the domains up on the edge': { deadlineMs: 3 * minute, run: setUp },
      'See that the edge answers for them': { deadlineMs: minute, run: seeAnswer },
    },
    ended: async (tx, { siteId }, outcome) => {
      if (outcome.status !== 'succeeded') await markFailed(tx, siteId, outcome)
      // Who rang for a change meanwhile has found this operation open.
      ring(tx, requestServing)
    },
  })

/** Reads what is wanted at the last moment, so that of twenty changes in a row the edge is changed for few. */
async function setUp({
  context,
  input,
  log,
  services,
  transaction,
}: Step): Promise<{ revision: number; ca: string | null }> {
  const wanted = await transaction(async (tx) => {
    const found = await wantedFront(tx, input.siteId)
    if (found) await markTried(tx, input.siteId, found.row.revision)
    return found
  })
  if (!context || !wanted) {
    log.note('The site is gone already')
    return { revision: 0, ca: null }
  }
  const { edge, edgeSite, host } = context
  if (edge.applyFront === null)
    throw conflict(
      `The edge ${edge.name} of ${host.name} serves no domains`,
      'Prepare the server with the edge “caddy”, then deploy the site.',
    )
  const ca = await acmeOf(services)
  const front = frontOf(wanted, ca)
  await edge.applyFront(host, { ...edgeSite, access: wanted.access }, front)
  log.note(told(front))
  for (const line of toldOf(wanted.access)) log.note(line)
  return { revision: wanted.row.revision, ca: digestOf(services, ca) }
}

function told({ serves, redirects, challenges }: Front): string {
  const names = [...serves, ...redirects.map(({ name }) => `${name} (redirects)`)]
  return names.length > 0 ? `Served: ${names.join(', ')}` : `${challenges.length} to be proven, none served yet`
}

function toldOf({ users, headers, maintenance }: Access): string[] {
  return [
    ...(users.length > 0 ? [`Asked for a password: ${users.map(({ name }) => name).join(', ')} may come in`] : []),
    ...(headers.length > 0 ? [`Set on every answer: ${headers.map(({ name }) => name).join(', ')}`] : []),
    ...(maintenance === null ? [] : ['Visitors get the maintenance page']),
  ]
}

/** By the proof of each name, asked on the machine itself, so that DNS does not matter. */
async function seeAnswer({ context, input, output, services, transaction }: Step): Promise<void> {
  const { revision, ca } = output('Set the domains up on the edge')
  const wanted = await transaction((tx) => wantedFront(tx, input.siteId))
  if (!context || !wanted) return
  const { host, edge } = context
  const ports = await edge.webPorts(host)
  // What came since is the next operation's.
  if (ports && wanted.row.revision === revision)
    for (const challenge of frontOf(wanted, null).challenges) await seeProof(host, { port: ports.http, ...challenge })
  await transaction((tx) => markApplied(tx, input.siteId, { revision, edge: edge.name, ca }))
  await services.db.asSystem((db) => tellServedUrl(db, input.siteId, services.clock()))
}

async function seeProof(
  host: SiteContext['host'],
  { port, name, path, body }: { port: number; name: string; path: string; body: string },
): Promise<void> {
  const answer = await ask(host, { port }, { method: 'GET', path, name, timeoutMs: 10_000 }).catch((error: unknown) => {
    throw new UserError(
      503,
      `Caddy on ${host.name} does not answer on port ${port}`,
      'Look at its log (“journalctl -u caddy”).',
      {
        cause: error,
      },
    )
  })
  if (answer.status !== 200 || answer.body !== body)
    throw new UserError(
      502,
      `Another program than ours answers for ${name} on port ${port} of ${host.name}`,
      'Look at what listens there, and at what else that Caddy serves by this name.',
    )
}
