import { paths } from './paths.js'
import { holdsSomewhere } from './platform/access/access.js'
import type { TeamWithRole } from './platform/access/authorizer.js'
import { PersonCtx, TeamCtx } from './platform/access/ctx.js'
import type { Permission } from './platform/access/permissions.js'
import { emptyShell, type NavigationItem, type ShellOf, type Visit } from './platform/http/shell.js'
import { visitorsOf } from './support/support.js'

/** What surrounds every page: the team switcher, the menu, the account. Asked for whole pages only. */
export const shellOf: ShellOf = async (identity, ctx, path) => {
  if (identity.kind !== 'person' || !(ctx instanceof TeamCtx || ctx instanceof PersonCtx)) return emptyShell
  if (identity.isUnverified)
    return { ...emptyShell, personName: identity.actor.name, signOutUrl: paths.signOut(), homeUrl: paths.email() }
  // On pages of no team, such as the profile, the first open one stands in.
  const isCurrent = (team: TeamWithRole) =>
    ctx instanceof TeamCtx ? team.slug === ctx.team.slug : team.closed === null
  const own = identity.teams.find(isCurrent)
  // Who is in a team to help is no member of it.
  const current = own ?? (ctx instanceof TeamCtx ? ctx.team : undefined)
  const may = (permission: Permission) =>
    own ? holdsSomewhere(own.holdings, permission) : ctx instanceof TeamCtx && ctx.maySomewhere(permission)
  return {
    ...emptyShell,
    personName: identity.actor.name,
    teamName: current?.name ?? null,
    teams: identity.teams.map(({ slug, name }) => ({
      label: name,
      href: paths.team(slug),
      isCurrent: slug === current?.slug,
    })),
    navigation: [
      ...(current ? navigation(current.slug, path, may) : []),
      ...(identity.isOperator ? [operators(path)] : []),
    ],
    account: [
      { label: 'Your account', href: paths.profile() },
      { label: 'Your teams', href: paths.teams() },
    ],
    signOutUrl: paths.signOut(),
    runningUrl: current ? paths.operationsPill(current.slug) : null,
    searchUrl: current ? paths.search(current.slug) : null,
    homeUrl: current ? paths.team(current.slug) : paths.home(),
    visits: ctx instanceof TeamCtx ? await visitsIn(ctx) : [],
  }
}

async function visitsIn(ctx: TeamCtx): Promise<Visit[]> {
  return (await visitorsOf(ctx.services, ctx.team.id)).map(({ id, operatorId, operator, reason, endsAt }) => {
    const isSelf = operatorId === ctx.actor.id
    return {
      title: isSelf ? `You are in ${ctx.team.name} for support` : `${operator} is in ${ctx.team.name} for support`,
      ...{ reason, endsAt: endsAt ?? ctx.now() },
      leaveUrl: isSelf ? paths.operatorSupportGrant(id) : null,
      href: !isSelf && ctx.may('team:update') ? paths.support(ctx.team.slug) : null,
    }
  })
}

type Entry = [label: string, href: string, icon: string, permission: Permission, ...also: string[]]

/** Groups with a line between. What somebody's role never opens is not shown to them. */
function navigation(slug: string, path: string, may: (permission: Permission) => boolean): NavigationItem[][] {
  const groups: Entry[][] = [
    [['Home', paths.team(slug), 'home', 'team:read']],
    [
      ['Sites', paths.sites(slug), 'world', 'site:read'],
      ['Servers', paths.servers(slug), 'server', 'server:read'],
      [
        'Pushes',
        paths.deliveries(slug),
        'git-branch',
        'delivery:read',
        paths.connections(slug),
        paths.githubApps(slug),
      ],
    ],
    [
      ['Activity', paths.activity(slug), 'activity', 'event:read', paths.audit(slug)],
      ['API keys', paths.apiKeys(slug), 'key', 'api-key:manage-own'],
      [
        'Members',
        paths.members(slug),
        'users',
        'member:read',
        paths.roles(slug),
        paths.siteGroups(slug),
        paths.signInRules(slug),
        paths.invitations(slug),
        paths.support(slug),
        paths.teamSettings(slug),
        paths.teamDeletion(slug),
      ],
      [
        'Sign-in',
        paths.signInConnections(slug),
        'login-2',
        'sign-in:manage',
        paths.domainClaims(slug),
        paths.signInRequirement(slug),
      ],
    ],
  ]
  return groups
    .map((entries) =>
      entries
        .filter(([, , , permission]) => may(permission))
        .map(([label, href, icon, , ...also]) => {
          const isCurrent = [href, ...also].some((one) => isUnder(one, path, paths.team(slug)))
          return { label, href, icon, isCurrent }
        }),
    )
    .filter((group) => group.length > 0)
}

/** For whoever runs the panel. */
const operators = (path: string): NavigationItem[] => [
  { label: 'Operator', href: paths.operatorTeams(), icon: 'tool', isCurrent: path.startsWith('/operator/') },
]

/** Every page of a team is under its first one, which is current only by itself. */
const isUnder = (href: string, path: string, first: string): boolean =>
  path === href || (href !== first && path.startsWith(`${href}/`))
