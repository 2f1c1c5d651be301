import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder `scripts` beside a module (`import.meta.url`). The compiler copies none: from dist/ it is where it was written. */
export function scriptFolder(moduleUrl: string): string {
  const folder = fileURLToPath(new URL('./scripts/', moduleUrl))
  return existsSync(folder) ? folder : folder.replace(/\/dist(?=\/server\/)/, '')
}
