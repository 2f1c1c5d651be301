import type { TeamCtx } from '../../server/platform/access/ctx.js'
import { handleOperation } from '../../server/platform/operations/handle.js'
import { cmd } from '../../server/platform/shell/command.js'
import { isReady, machineItems, signInItems } from '../../server/servers/checklist.js'
import { recordDefaults, recordItems, recordReady } from '../../server/servers/observations.js'
import { checkServer } from '../../server/servers/operations.js'
import { findServer, type ServerRow } from '../../server/servers/servers.js'
import { readFacts, wholeChecklist } from './look-at.js'

/** Looks at a server and changes nothing there. Each step shows what it found at once. */
export const checkServerHandler = handleOperation<typeof checkServer, ServerRow>({
  operation: checkServer,
  load: (ctx, { serverId }) => ctx.transaction((tx) => findServer(tx, serverId)),

  steps: {
    'Reach the server and sign in': {
      deadlineMs: 60_000,
      async run({ context: { id }, ctx, services, signal, log }) {
        const failure = await services.hosts
          .get(id)
          .then((host) => host.run(cmd('true'), { timeoutMs: 30_000, signal }))
          .then(() => null)
          .catch((error: unknown) => error)
        signal.throwIfAborted()

        // With the host key that this first contact may have pinned.
        const server = await reload(ctx, id)
        await recordItems(ctx, server, signInItems(server, server.host_key_fingerprint, failure), null)
        if (failure) throw failure
        log.note(
          server.kind === 'local' ? 'It is this machine' : `Signed in; its host key is ${server.host_key_fingerprint}`,
        )
      },
    },

    'Look at the machine': {
      deadlineMs: 120_000,
      async run({ context: { id }, ctx, services, signal, log }) {
        const facts = await readFacts(await services.hosts.get(id), signal)
        const server = await reload(ctx, id)
        const items = machineItems(facts)
        await recordItems(ctx, server, [...signInItems(server, server.host_key_fingerprint, null), ...items], facts)
        await recordDefaults(ctx, server)
        for (const { title, text } of items) log.note(`${title}: ${text}`)
        return { facts }
      },
    },

    'Look for what sites need': {
      deadlineMs: 120_000,
      async run({ context: { id }, ctx, services, log, output }) {
        const { facts } = output('Look at the machine')
        const server = await reload(ctx, id)
        const found = await wholeChecklist(await services.hosts.get(id), server, facts)
        const items = await recordItems(ctx, server, found, facts)
        await recordReady(ctx, server, items)
        for (const { title, state, text, fix } of items) {
          if (state === 'bad') log.note([`${title}: ${text}.`, fix].filter(Boolean).join(' '))
        }
        if (isReady(items)) log.note('Everything that sites need is there')
      },
    },
  },
})

const reload = (ctx: TeamCtx, id: string): Promise<ServerRow> => ctx.transaction((tx) => findServer(tx, id))
