import { readFileSync } from 'node:fs'
import { Secret } from '../secret.js'
import { all, type Command, cmd } from '../shell/command.js'
import type { Host, RunOptions } from './host.js'
import { scriptFolder } from './script-folder.js'

export interface NewFile {
  readonly name: string
  readonly content: string | Secret
  readonly mode: number
}

const script = readFileSync(`${scriptFolder(import.meta.url)}put-files.sh`, 'utf8').replace(/^\s*#.*\n/gm, '')

/**
 * Several small files into one folder, made where it is missing, in one command: each `upload` is two, and a deploy writes
 * a dozen. Every file is whole or as it was before; when it throws, those before the one at fault are there. `next` is
 * done with them when all are there.
 */
export async function putFiles(
  host: Host,
  folder: string,
  files: readonly NewFile[],
  { next = [], ...options }: Omit<RunOptions, 'stdin'> & { next?: readonly Command[] },
): Promise<void> {
  const texts = files.map(({ content }) => (content instanceof Secret ? content.reveal() : content))
  const words = files.flatMap(({ name, mode }, index) => [
    name,
    mode.toString(8),
    Buffer.byteLength(texts[index] ?? ''),
  ])
  const stdin = new Secret(texts.join(''))
  await host.run(all(cmd('sh', '-c', script, 'put-files', folder, ...words), ...next), { ...options, stdin })
}
