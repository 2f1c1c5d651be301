import { makeSite } from './make.js'
import type { Stage } from './stage.js'

/** As many as one file of tests has the panel choose. */
const most = 10

/**
 * The panel gives a site the lowest port that nobody has yet, and two panels on one machine the same, as it is listened on
 * a while later only. So where sites of the panel's own choice are really visited, the ports of the test files that may run
 * beside this one are taken.
 */
export async function takePortsOfOthers({ test, server }: Stage): Promise<void> {
  const others = (Number(process.env.VITEST_POOL_ID ?? 1) - 1) * most
  for (let port = 10_000; port < 10_000 + others; port++)
    await makeSite(test.database, server, test.team, { port, state: 'archived' })
}
