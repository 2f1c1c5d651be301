import { paths } from './paths.js'
import { PersonCtx, TeamCtx, type TeamRef } from './platform/access/ctx.js'
import { emptyShell, type NavigationItem, type ShellOf } from './platform/http/shell.js'

/** What surrounds every page: the team switcher, the menu, the account. Asked for whole pages only. */
export const shellOf: ShellOf = async (identity, ctx, path) => {
  if (identity.kind !== 'person' || !(ctx instanceof TeamCtx || ctx instanceof PersonCtx)) return emptyShell
  const current = ctx instanceof TeamCtx ? ctx.team : identity.teams[0]
  return {
    ...emptyShell,
    personName: identity.actor.name,
    teamName: current?.name ?? null,
    teams: identity.teams.map(({ slug, name }) => ({
      label: name,
      href: paths.team(slug),
      isCurrent: slug === current?.slug,
    })),
    navigation: current ? navigation(current, path) : [],
    account: [
      { label: 'Your account', href: paths.profile() },
      { label: 'Your teams', href: paths.teams() },
    ],
    signOutUrl: paths.signOut(),
    homeUrl: current ? paths.team(current.slug) : paths.home(),
  }
}

function navigation({ slug }: TeamRef, path: string): NavigationItem[][] {
  const item = (label: string, href: string, icon: string): NavigationItem => ({
    label,
    href,
    icon,
    isCurrent: path === href || (href !== paths.team(slug) && path.startsWith(`${href}/`)),
  })
  return [
    [item('Home', paths.team(slug), 'home')],
    [item('Sites', paths.sites(slug), 'world'), item('Servers', paths.servers(slug), 'server')],
    [item('Team', paths.members(slug), 'users'), item('API keys', paths.apiKeys(slug), 'key')],
  ]
}
