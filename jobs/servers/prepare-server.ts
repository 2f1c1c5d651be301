import type { NodeVersions } from '../../server/deploys/node-versions/node-versions.js'
import type { Edge, EdgeName } from '../../server/domains/edges/edge.js'
import { conflict } from '../../server/platform/errors.js'
import { type AnyOperationHandler, handleOperation } from '../../server/platform/operations/handle.js'
import { ensureScripts } from '../../server/platform/ssh/scripts.js'
import { isReady } from '../../server/servers/checklist.js'
import { isRootReady, makeRoot } from '../../server/servers/commands.js'
import { endPreparation, recordItems } from '../../server/servers/observations.js'
import { prepareServer } from '../../server/servers/operations.js'
import { missingPackages, whyNotInstall } from '../../server/servers/packages.js'
import { findServer, type ServerRow } from '../../server/servers/servers.js'
import { install } from './install-packages.js'
import { readFacts, wholeChecklist } from './look-at.js'
import { ensureDocker, ensureEdge } from './start-services.js'

const timeoutMs = 60_000

export interface PrepareParts {
  edges: Record<EdgeName, Edge>
  nodeVersions: NodeVersions
}

/**
 * Makes a machine ready for sites. Every step looks first and does only what is missing, so a second run changes nothing.
 * Nothing is undone when it fails: packages and folders are no harm, and the next run goes on from there.
 */
export const prepareServerHandler = (parts: PrepareParts): AnyOperationHandler =>
  handleOperation<typeof prepareServer, ServerRow>({
    operation: prepareServer,
    load: async (ctx, { serverId, runtime, edge }) => ({
      ...(await ctx.transaction((tx) => findServer(tx, serverId))),
      runtime,
      edge,
    }),
    ended: endPreparation,

    steps: {
      'Look at the machine': {
        deadlineMs: 120_000,
        async run({ input, context: server, services, signal, log }) {
          const facts = await readFacts(await services.hosts.get(server.id), signal)
          const missing = missingPackages(facts, input)
          const refusal = missing.length > 0 ? whyNotInstall(facts) : null
          if (refusal) throw conflict(refusal.why, `${refusal.hint} Missing: ${missing.join(', ')}.`)
          log.note(missing.length > 0 ? `Missing: ${missing.join(', ')}` : 'Nothing is missing')
          return { facts }
        },
      },

      'Set up the folder': {
        deadlineMs: 120_000,
        async run({ context: server, services, signal, log }) {
          const host = await services.hosts.get(server.id)
          if ((await host.status(isRootReady(host.root), { timeoutMs, signal })) === 0)
            return log.note(`Already so: ${host.root} is there`)
          await host.run(makeRoot(host.root), { timeoutMs, signal })
          log.note(`Made ${host.root}`)
        },
      },

      'Install what is missing': {
        deadlineMs: 30 * 60_000,
        async run({ input, context: server, services, signal, log, output }) {
          const missing = missingPackages(output('Look at the machine').facts, input)
          if (missing.length === 0) return log.note('Already so: every package is there')
          await install(await services.hosts.get(server.id), missing, { signal, log })
        },
      },

      'Bring the scripts': {
        deadlineMs: 120_000,
        async run({ context: server, services, log }) {
          await ensureScripts(await services.hosts.get(server.id))
          log.note('The scripts of this version are there')
        },
      },

      'Start the services': {
        deadlineMs: 5 * 60_000,
        async run({ input: { runtime, edge }, context: server, services, signal, log, output }) {
          const { facts } = output('Look at the machine')
          const host = await services.hosts.get(server.id)
          if (runtime === 'docker')
            log.note((await ensureDocker(host, facts, signal)) ? 'Started Docker' : 'Already so: Docker answers')
          const isStarted = await ensureEdge(host, {
            edge: parts.edges[edge],
            nodeVersions: parts.nodeVersions,
            facts,
            signal,
          })
          log.note(isStarted ? `Started the edge (${edge})` : `Already so: the edge (${edge}) can face visitors`)
        },
      },

      'Check the server': {
        deadlineMs: 120_000,
        async run({ context: server, ctx, services, signal, log }) {
          const host = await services.hosts.get(server.id)
          const facts = await readFacts(host, signal)
          const items = await recordItems(ctx, server, await wholeChecklist(host, server, facts), facts)
          const bad = items.find(({ state }) => state === 'bad')
          if (!isReady(items))
            throw conflict(
              `${server.name} is not ready: ${bad?.text ?? 'it was not seen whole'}`,
              bad?.fix ?? undefined,
            )
          log.note('Everything that sites need is there')
        },
      },
    },
  })
