import { hostOf } from '../repository-key.js'
import { gitea } from './gitea.js'
import { github } from './github.js'
import { gitlab } from './gitlab.js'
import type { GitHost } from './host.js'

/** Every kind of host that can tell of a push. */
export const gitHosts = { github, gitlab, gitea } as const satisfies Record<string, GitHost>

export type GitHostName = keyof typeof gitHosts

export const gitHostNames = Object.keys(gitHosts) as [GitHostName, ...GitHostName[]] // `as`: they are its keys

/** By its address, where that says it; else somebody has to. */
export function guessGitHost(repositoryKey: string): GitHostName | null {
  const host = hostOf(repositoryKey)
  if (host === 'github.com') return 'github'
  if (/(^|\.)gitlab\./.test(host)) return 'gitlab'
  return /(^|\.)(gitea|forgejo)\.|^codeberg\.org$/.test(host) ? 'gitea' : null
}
