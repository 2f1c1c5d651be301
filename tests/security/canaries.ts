import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface Canaries {
  /** A command that leaves a file of that name behind. It has no blank in it, because no branch may have one. */
  touch(name: string): string
  /** What was run although it should only have been kept. */
  made(): string[]
  remove(): void
}

export function startCanaries(): Canaries {
  const folder = mkdtempSync(path.join(tmpdir(), 'canary-'))
  // Also what runs as a site's own user can write here.
  chmodSync(folder, 0o777)
  return {
    touch: (name) => `touch\${IFS}${folder}/${name}`,
    made: () => readdirSync(folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
