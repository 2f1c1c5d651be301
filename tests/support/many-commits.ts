import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestRepository } from './git-repository.js'

/** So many commits on top of its branch, in one go, with nobody told yet. The oldest first. */
export function prepareCommits(
  { bare }: TestRepository,
  count: number,
  filesOf: (number: number) => Readonly<Record<string, string>>,
): string[] {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  const commits = Array.from({ length: count }, (_, number) => {
    const from = number === 0 ? 'from refs/heads/main^0\n' : ''
    const files = Object.entries(filesOf(number)).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`)
    const message = data(`Change ${number}`)
    return `commit refs/prepared/main\ncommitter Ada <ada@example.com> ${1_800_000_000 + number} +0000\n${message}${from}${files.join('')}\n`
  })
  execFileSync('git', ['-C', bare, 'fast-import', '--quiet'], { input: commits.join('') })
  const list = ['-C', bare, 'rev-list', '--reverse', 'refs/heads/main..refs/prepared/main']
  return execFileSync('git', list, { encoding: 'utf8' }).trim().split('\n')
}

/** As a push to it leaves the branch: the file is what Git itself would write. */
export const moveMain = ({ bare }: TestRepository, commit: string): void =>
  writeFileSync(join(bare, 'refs/heads/main'), `${commit}\n`)
