import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { all, cmd, either } from '../../platform/shell/command.js'
import type { Host } from '../../platform/ssh/host.js'
import { putFiles } from '../../platform/ssh/put-files.js'
import { RemoteCommandError } from '../../platform/ssh/remote-command-error.js'

const timeoutMs = 15_000

/** Says whether it had to be written. Readable by all: Caddy and systemd read such files as other users. */
export async function ensureFile(host: Host, file: string, text: string): Promise<boolean> {
  const read = either(all(cmd('test', '-f', file), cmd('cat', '--', file)), cmd('test', '!', '-e', file))
  if ((await host.capture(read, { timeoutMs })) === text) return false
  await host.run(cmd('mkdir', '-p', '--', dirname(file)), { timeoutMs })
  await host.upload(file, text, 0o644)
  return true
}

/**
 * Several into one folder, by one look and one write of those that are not as they should be. Others of which `isOurs` says so are removed.
 */
export async function ensureFiles(
  host: Host,
  folder: string,
  wanted: ReadonlyMap<string, string>,
  isOurs: (name: string) => boolean = () => false,
): Promise<void> {
  const present = await digestsIn(host, folder)
  const changed = [...wanted].filter(([name, text]) => present.get(name) !== digestOf(text))
  const gone = [...present.keys()].filter((name) => isOurs(name) && !wanted.has(name))
  const remove = gone.length > 0 ? [cmd('rm', '-f', '--', ...gone.map((name) => `${folder}/${name}`))] : []
  if (changed.length > 0) {
    const files = changed.map(([name, content]) => ({ name, content, mode: 0o644 }))
    await putFiles(host, folder, files, { timeoutMs, next: remove })
  } else for (const command of remove) await host.run(command, { timeoutMs })
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

async function digestsIn(host: Host, folder: string): Promise<Map<string, string>> {
  const listed = await listedIn(host, folder)
  const lines = listed.split('\n').flatMap((line) => {
    const [, digest, file] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    return digest && file ? [[file.slice(folder.length + 1), digest] as const] : []
  })
  return new Map(lines)
}

/** Another site's file may come or go between the name and the look at it, which fails then: looked at again. */
async function listedIn(host: Host, folder: string, looks = 5): Promise<string> {
  const look = cmd('find', folder, '-maxdepth', 1, '-type', 'f', '-exec', 'sha256sum', '{}', '+')
  try {
    return await host.capture(either(all(cmd('test', '-d', folder), look), cmd('test', '!', '-e', folder)), {
      timeoutMs,
    })
  } catch (error) {
    if (looks === 1 || !(error instanceof RemoteCommandError)) throw error
    return listedIn(host, folder, looks - 1)
  }
}
