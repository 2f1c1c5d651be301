import type { ServersRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'

export const defaultRoot = '/var/lib/hostler'

export const localName = 'This machine'

/** `/servers/new` is the form. */
export const reservedSlugs = ['new']

/** Polls come this often; a server counts as out of reach from the second one missed in a row. */
export const pollEveryMs = 60_000
export const keepReadingsDays = 7

/** Until somebody chooses: what works with nothing but Node. */
export const choicesOf = ({ runtime, edge }: Pick<ServersRow, 'runtime' | 'edge'>) => ({
  runtime: runtime ?? ('process' as const),
  edge: edge ?? ('direct' as const),
})

type Known = Pick<ServersRow, 'name' | 'host_key_changed_to' | 'status'>

export const serverCan = {
  remove(server: Known, now: { sites: number; openOperations: number }): Verdict {
    if (now.sites > 0) {
      const sites = now.sites === 1 ? 'One site is' : `${now.sites} sites are`
      return no(`${sites} on ${server.name}`, 'Move or delete what runs there first.')
    }
    if (now.openOperations > 0)
      return no(`An operation runs on ${server.name}`, 'Wait until it has ended, or cancel it.')
    return yes
  },

  /** Also asked before a check: nothing runs on a machine that may be another one. */
  work(server: Known, now: { openOperations: number }): Verdict {
    if (server.host_key_changed_to)
      return no(
        `The host key of ${server.name} has changed`,
        'Compare the fingerprints on its page and accept the new key first.',
      )
    if (now.openOperations > 0) return no(`An operation on ${server.name} is running or waiting already`)
    return yes
  },

  /** The panel's own machine gives whoever uses it the panel itself, so it is only for those who set it up. */
  addLocal(now: { isInContainer: boolean; isFirstTeam: boolean; isThere: boolean }): Verdict {
    // Its sites would listen where nobody can reach them, and end with each new version of the panel.
    if (now.isInContainer)
      return no(
        'Hostler runs in a container here, which cannot be a server',
        'Add a machine over SSH; the one below the container is one.',
      )
    if (!now.isFirstTeam) return no('This machine belongs to the team that set the panel up')
    if (now.isThere) return no('This machine is among the servers already')
    return yes
  },
}
