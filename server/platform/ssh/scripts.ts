import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { all, cmd } from '../shell/command.js'
import type { Host } from './host.js'
import { scriptFolder } from './script-folder.js'

/** The path of a script on the machine, by its file name. */
export type Scripts = (name: string) => string

const own = scriptFolder(import.meta.url)

/**
 * Brings the scripts of a folder (the platform's own unless told) to `<root>/bin/<hash of their content>/` and gives
 * their paths. Done once for a connection; a new version stands beside the old one, which may be running.
 */
export const ensureScripts = (host: Host, folder = own): Promise<Scripts> =>
  host.learned.once(`the scripts of ${folder}`, (machine) => bring(machine, folder))

async function bring(host: Host, folder: string): Promise<Scripts> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sh')).toSorted()
  const scripts = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(path.join(folder, name), 'utf8') })),
  )
  const hash = createHash('sha256').update(JSON.stringify(scripts)).digest('hex').slice(0, 16)
  const target = `${host.root}/bin/${hash}`
  // Written last: the folder counts only when all of it is there.
  const complete = `${target}/complete`

  if ((await host.status(cmd('test', '-f', complete), { timeoutMs: 30_000 })) !== 0) {
    await host.run(all(cmd('mkdir', '-p', '--', target), cmd('chmod', '755', '--', target)), { timeoutMs: 30_000 })
    for (const { name, text } of scripts) await host.upload(`${target}/${name}`, text, 0o755)
    await host.upload(complete, '', 0o644)
  }
  return (name) => {
    if (!names.includes(name)) throw new Error(`There is no script ${name} in ${folder}`)
    return `${target}/${name}`
  }
}
