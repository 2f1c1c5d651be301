import type { Permission } from '../platform/access/permissions.js'

/** What can be done with a site from the palette, by the words that people type for it. */
export interface SiteAct {
  act: 'deploy' | 'deploys' | 'releases' | 'pushes' | 'domains' | 'environment' | 'logs' | 'settings'
  words: readonly string[]
  permission: Permission
}

export const siteActs: readonly SiteAct[] = [
  { act: 'deploy', words: ['deploy', 'redeploy', 'ship'], permission: 'deploy:create' },
  { act: 'deploys', words: ['deploys', 'history'], permission: 'deploy:read' },
  { act: 'releases', words: ['releases', 'rollback', 'roll', 'back'], permission: 'deploy:read' },
  { act: 'pushes', words: ['pushes', 'push', 'webhook', 'branch', 'freeze', 'hook'], permission: 'push:read' },
  { act: 'domains', words: ['domains', 'domain', 'dns', 'certificate', 'https', 'tls'], permission: 'domain:read' },
  { act: 'environment', words: ['environment', 'env', 'variables', 'secrets'], permission: 'environment:read' },
  { act: 'logs', words: ['logs', 'log', 'output'], permission: 'log:read' },
  { act: 'settings', words: ['settings', 'configure', 'port'], permission: 'site:update' },
]

/** Pages and acts of the team and of the person. `words` are what else somebody may call them. */
export interface TeamAct {
  act:
    | 'new-site'
    | 'new-server'
    | 'home'
    | 'sites'
    | 'servers'
    | 'pushes'
    | 'connect'
    | 'activity'
    | 'operations'
    | 'members'
    | 'api-keys'
    | 'profile'
  title: string
  words: string
  permission: Permission
}

export const teamActs: readonly TeamAct[] = [
  { act: 'new-site', title: 'New site', words: 'create add repository', permission: 'site:create' },
  { act: 'new-server', title: 'Add server', words: 'new create machine host', permission: 'server:create' },
  { act: 'home', title: 'Home', words: 'dashboard attention start', permission: 'team:read' },
  { act: 'sites', title: 'Sites', words: 'all list apps projects', permission: 'site:read' },
  { act: 'servers', title: 'Servers', words: 'all list machines hosts', permission: 'server:read' },
  { act: 'pushes', title: 'Pushes', words: 'inbox webhooks deliveries git', permission: 'delivery:read' },
  {
    act: 'connect',
    title: 'Connect a repository',
    words: 'webhook github gitlab gitea push',
    permission: 'connection:manage',
  },
  { act: 'operations', title: 'Running operations', words: 'queue jobs waiting', permission: 'operation:read' },
  { act: 'activity', title: 'Activity', words: 'audit log events history', permission: 'event:read' },
  { act: 'members', title: 'Members', words: 'team people users', permission: 'member:read' },
  { act: 'api-keys', title: 'API keys', words: 'tokens', permission: 'api-key:manage-own' },
  { act: 'profile', title: 'Your account', words: 'profile password sessions sign', permission: 'team:read' },
]

/** Said on the way to a thing, and no part of its name: "go to deploys of shop". */
const fillers = new Set(['go', 'to', 'of', 'the', 'open', 'show', 'in', 'for', 'on', 'a', 'my'])

export interface Wish {
  /** All of it, for names. */
  text: string
  /** What is to be done with a site, when a word says so, and which site the other words name. */
  act: SiteAct | null
  site: string
}

export function readWish(typed: string): Wish {
  const text = typed.trim().toLowerCase()
  const words = text.split(/\s+/).filter((word) => word !== '' && !fillers.has(word))
  const act = siteActs.find((candidate) => words.some((word) => candidate.words.includes(word))) ?? null
  return { text, act, site: words.filter((word) => !act?.words.includes(word)).join(' ') }
}

/** Every word typed begins a word of the title, or of what else it is called. Nothing typed: everything. */
export function matchingTeamActs(text: string): TeamAct[] {
  const wanted = text.split(/\s+/).filter((word) => word !== '' && !fillers.has(word))
  return teamActs.filter(({ title, words }) => {
    const known = `${title} ${words}`.toLowerCase().split(' ')
    return wanted.every((word) => known.some((own) => own.startsWith(word)))
  })
}

export const slugPart = (text: string): string => text.toLowerCase().replace(/\s+/g, '-')

/** As a slug begins: `Acme Shop` is `acme-shop`. Empty when no slug can begin so. */
export const slugPrefix = (text: string): string => slugPart(text).replace(/^[^a-z]+.*/, '')
