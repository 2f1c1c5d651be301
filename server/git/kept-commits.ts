import { all, cmd, either } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { forgetKept, listKept, partsOf } from './commands.js'
import { type GitIo, limits, quietly } from './io.js'

/**
 * Lets the commits go that were kept for a checkout and that nothing needs any more. Git then clears away by itself what
 * no branch has either. Returns how many; none where there is no mirror.
 */
export async function forgetCommits(
  host: Host,
  folder: string,
  needed: ReadonlySet<string>,
  io: GitIo = {},
): Promise<number> {
  const { repository } = partsOf(folder)
  const list = either(all(cmd('test', '-d', repository), listKept(folder)), cmd('test', '!', '-e', repository))
  const kept = (await host.capture(list, quietly(io, limits.readMs))).split('\n')
  const forgotten = kept.filter((name) => /^refs\/hostler\/[0-9a-f]{40,64}$/.test(name) && !needed.has(shaIn(name)))

  const stdin = forgotten.map((name) => `delete ${name}\n`).join('')
  if (stdin) await host.run(forgetKept(folder), { ...quietly(io, limits.readMs), stdin })
  return forgotten.length
}

const shaIn = (name: string): string => name.slice('refs/hostler/'.length)
