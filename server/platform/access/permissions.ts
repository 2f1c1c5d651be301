/** What people and keys may be allowed, one by one. A role is a set of these; a route names one. */

interface PermissionFacts {
  /** The group that it stands in where roles are made. */
  readonly about: string
  /** What it allows, as people read it. */
  readonly label: string
  /** The smallest thing that it can be held on. What is of a site may also be held on its group, its server or the team. */
  readonly on: 'site' | 'server' | 'team'
  /** It opens to everybody what is theirs alone, so that whoever holds it on some part has it in the team. */
  readonly isOfOnesOwn?: true
  /** What it does is lost for good, or opens what is kept shut. Stands apart where roles are made. */
  readonly isDangerous?: true
}

export const permissions = {
  'team:read': { about: 'Team', label: 'See the team', on: 'team' },
  'team:update': { about: 'Team', label: 'Change the settings of the team', on: 'team' },
  'team:transfer': { about: 'Team', label: 'Give the team to somebody else', on: 'team', isDangerous: true },
  'team:delete': { about: 'Team', label: 'Delete the team, and undo it', on: 'team', isDangerous: true },
  'support:allow': { about: 'Team', label: 'Let the operator in to help', on: 'team', isDangerous: true },
  'member:invite': { about: 'Members', label: 'Invite people', on: 'team' },
  'member:remove': { about: 'Members', label: 'Remove people from the team', on: 'team', isDangerous: true },
  'member:read': { about: 'Members', label: 'See who is in the team, and what they may do', on: 'team' },
  'role:manage': { about: 'Members', label: 'Make roles of the team’s own, and give and take roles', on: 'team' },
  'site-group:manage': { about: 'Members', label: 'Put sites into groups', on: 'team' },
  'sign-in:manage': { about: 'Members', label: 'Choose how people sign in', on: 'team', isDangerous: true },
  'api-key:manage-own': { about: 'API keys', label: 'Make keys of their own', on: 'site', isOfOnesOwn: true },
  'api-key:manage': { about: 'API keys', label: 'See and revoke the keys of everybody', on: 'team' },

  'event:read': { about: 'Activity', label: 'Read what happened', on: 'site' },
  'event:verify': { about: 'Activity', label: 'Check that the event log is whole', on: 'team' },
  'audit:read': { about: 'Activity', label: 'Search the audit log, with addresses and what was changed', on: 'team' },
  'audit:export': { about: 'Activity', label: 'Export the audit log', on: 'team' },
  'audit:forward': { about: 'Activity', label: 'Send the audit log to another system', on: 'team' },

  'server:read': { about: 'Servers', label: 'See servers and their health', on: 'server' },
  'server:create': { about: 'Servers', label: 'Add servers', on: 'team' },
  'server:update': { about: 'Servers', label: 'Change the settings of servers', on: 'server' },
  'server:check': { about: 'Servers', label: 'Have a server looked at anew', on: 'server' },
  'server:prepare': { about: 'Servers', label: 'Install what a server lacks', on: 'server' },
  'server:trust': { about: 'Servers', label: 'Accept a changed host key', on: 'server', isDangerous: true },
  'server:delete': { about: 'Servers', label: 'Remove servers', on: 'server', isDangerous: true },
  'sites-domain:manage': { about: 'Servers', label: 'Give a server a domain for its sites', on: 'server' },

  'site:read': { about: 'Sites', label: 'See sites', on: 'site' },
  'site:create': { about: 'Sites', label: 'Make sites', on: 'team' },
  'site:update': { about: 'Sites', label: 'Change the settings of sites', on: 'site' },
  'site:control': {
    about: 'Sites',
    label: 'Switch sites off, on again with what was live, and archive them',
    on: 'site',
  },
  'site:delete': { about: 'Sites', label: 'Delete sites', on: 'site', isDangerous: true },
  'source:update': { about: 'Sites', label: 'Give a site another repository or branch', on: 'site' },
  'environment:read': { about: 'Sites', label: 'See variables, but no secret value', on: 'site' },
  'environment:update': { about: 'Sites', label: 'Change variables', on: 'site' },
  'log:read': { about: 'Sites', label: 'Read the logs of sites', on: 'site' },

  'deploy:read': { about: 'Deploys', label: 'See deploys and releases', on: 'site' },
  'deploy:create': { about: 'Deploys', label: 'Deploy', on: 'site' },
  'deploy:roll-back': { about: 'Deploys', label: 'Go back to an older release', on: 'site' },
  'deploy:cancel': { about: 'Deploys', label: 'Cancel a deploy', on: 'site' },
  'operation:read': { about: 'Deploys', label: 'Follow operations and their logs', on: 'site' },
  'operation:cancel': { about: 'Deploys', label: 'Cancel operations', on: 'site' },
  'freeze:manage': { about: 'Deploys', label: 'Freeze a site, and let deploys through again', on: 'site' },
  'deploy-hook:manage': { about: 'Deploys', label: 'Make and remove deploy hooks', on: 'site' },

  'preview:read': { about: 'Previews', label: 'See previews', on: 'site' },
  'preview:manage': { about: 'Previews', label: 'Change which previews there are', on: 'site' },
  'preview:control': { about: 'Previews', label: 'Build a preview again, or remove it', on: 'site' },
  'preview:approve': { about: 'Previews', label: 'Let the code of a fork run', on: 'site', isDangerous: true },

  'domain:read': { about: 'Domains', label: 'See domains and certificates', on: 'site' },
  'domain:manage': { about: 'Domains', label: 'Add domains and choose what they show', on: 'site' },
  'domain:delete': { about: 'Domains', label: 'Remove domains', on: 'site', isDangerous: true },
  'certificate:manage': { about: 'Domains', label: 'Give certificates, and tokens of DNS', on: 'site' },
  'access:read': { about: 'Domains', label: 'See what stands before a site', on: 'site' },
  'access:manage': { about: 'Domains', label: 'Set passwords and headers for visitors', on: 'site' },
  'maintenance:manage': { about: 'Domains', label: 'Put up the maintenance page', on: 'site' },

  'push:read': { about: 'Pushes', label: 'See what pushes meant for a site', on: 'site' },
  'push:manage': { about: 'Pushes', label: 'Choose which pushes deploy a site', on: 'site' },
  'delivery:read': { about: 'Pushes', label: 'Read all that Git hosts sent', on: 'team' },
  'delivery:replay': {
    about: 'Pushes',
    label: 'Have a delivery judged again, and deployed where it asks for that',
    on: 'team',
  },
  'connection:read': { about: 'Pushes', label: 'See the repositories of the team', on: 'team' },
  'connection:manage': { about: 'Pushes', label: 'Connect repositories, and give their tokens', on: 'team' },
  'github-app:manage': { about: 'Pushes', label: 'Make and remove GitHub Apps', on: 'team' },
} as const satisfies Record<string, PermissionFacts>

export type Permission = keyof typeof permissions

// `as`: the keys of a literal.
export const allPermissions = Object.keys(permissions) as Permission[]

export const isPermission = (text: string): text is Permission => Object.hasOwn(permissions, text)

/** Whether it means something on a single thing of that kind. */
export function canBeHeldOn(permission: Permission, kind: 'site' | 'server'): boolean {
  const { on }: PermissionFacts = permissions[permission]
  return on === 'site' || on === kind
}

/** Whether it counts where a role is held: on a server also what is of its sites, in a group what is of sites. */
export const countsOn = (permission: Permission, kind: 'team' | 'group' | 'server' | 'site'): boolean =>
  kind === 'team' || canBeHeldOn(permission, 'site') || (kind === 'server' && canBeHeldOn(permission, 'server'))

/** Whether it is about the team and nothing less; to see that there is a team is everybody's in it. */
export function isOfWholeTeam(permission: Permission): boolean {
  return permissions[permission].on === 'team' && permission !== 'team:read'
}

/** Whether it opens what is one's own: see the fact of that name. */
export function isOfOnesOwn(permission: Permission): boolean {
  const facts: PermissionFacts = permissions[permission]
  return facts.isOfOnesOwn === true
}
