import { UserError } from '../../platform/errors.js'
import type { Files } from './stack.js'

/** A folder of the repository as if it were all of it. */
export const inFolder = (files: Files, rootFolder: string): Files => {
  const folder = parseFolder(rootFolder)
  const path = (inside: string) => [folder, inside].filter(Boolean).join('/')
  return { read: (file) => files.read(path(file)), list: (inside) => files.list(path(inside)) }
}

/** "apps/web", with no way out of the repository. "." and "" are its top. */
export function parseFolder(text: string): string {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (text.startsWith('/') || text.includes('\0') || parts.includes('..')) {
    throw new UserError(
      422,
      'The folder has to be inside the repository',
      'Write it like "apps/web", without a leading "/" or "..".',
    )
  }
  return parts.join('/')
}
