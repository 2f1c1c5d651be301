import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { defaultRoot } from './rules.js'

/**
 * Where Hostler keeps what it owns on its own machine: in the data folder, unless sites run as users of their own (as
 * root) who could not enter there, as in /root/hostler.
 */
export async function localRoot(dataFolder: string): Promise<string> {
  const inData = path.join(dataFolder, 'host')
  if (process.getuid?.() !== 0) return inData
  return (await isOpenToAll(dataFolder)) ? inData : defaultRoot
}

async function isOpenToAll(folder: string): Promise<boolean> {
  // As the start of the panel makes it.
  await mkdir(folder, { recursive: true, mode: 0o711 })
  for (let here = folder; ; here = path.dirname(here)) {
    const { mode } = await stat(here)
    if ((mode & 0o001) === 0) return false
    if (here === path.dirname(here)) return true
  }
}
