import { accessOf } from '../../../server/domains/domains.js'
import { isOpenToAll } from '../../../server/domains/edges/access.js'
import { letsEverybodyIn } from '../../../server/domains/edges/direct/direct-edge.js'
import { UserError } from '../../../server/platform/errors.js'
import { all, cmd, either } from '../../../server/platform/shell/command.js'
import type { DeployStep } from '../context.js'

/** Less than this is too little to build anything, and a full disk hurts every site of the server. */
const leastFreeBytes = 300 * 1024 ** 2

/** Said where Hostler's folder lost what was brought to it, which is then brought again. */
const emptied = 'emptied'

/** Reachable, writable, with room on its disk, and with an edge that can show the site: asked before anything is changed. */
export async function checkServer({ context, log, signal, transaction }: DeployStep): Promise<void> {
  const { host, place, edge, site } = context
  const options = { signal, timeoutMs: 30_000 }
  const look = all(
    either(cmd('test', '-d', `${host.root}/bin`), cmd('echo', emptied)),
    cmd('mkdir', '-p', '--', place.folder),
    cmd('test', '-w', place.folder),
    cmd('df', '-Pk', '--', place.folder),
  )
  const said = await host.capture(look, options)
  if (said.startsWith(emptied)) host.learned.forget()

  const free = parseFree(said)
  if (free !== null && free < leastFreeBytes) {
    throw new UserError(
      409,
      `The disk of ${host.name} is nearly full: ${Math.floor(free / 1024 ** 2)} MB are free`,
      'Free some space there (old images, logs, backups), then deploy again.',
    )
  }
  if (edge.applyFront === null && !isOpenToAll(await transaction((tx) => accessOf(tx, site.id))))
    throw letsEverybodyIn(host)
  const verdict = await edge.check(host)
  if (!verdict.ok) throw new UserError(409, verdict.why, verdict.fix)
  log.note(`${host.name} answers${free === null ? '' : `, with ${(free / 1024 ** 3).toFixed(1)} GB free`}`)
}

/** The fourth column of POSIX `df -Pk`, in bytes; null when the machine answers something else. */
export function parseFree(text: string): number | null {
  const kilobytes = Number(text.trim().split('\n').at(-1)?.split(/\s+/)[3])
  return Number.isFinite(kilobytes) ? kilobytes * 1024 : null
}
