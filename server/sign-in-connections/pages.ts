import { paths } from '../paths.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import type { Arrived } from './arriving.js'
import type { PublicConnection } from './queries.js'
import { defaultRoles } from './rules.js'
import type { Leaving } from './sign-in.js'

/** A page that goes on by itself: a redirect that follows a form would be stopped by our own policy for forms. */
export const leavePage = ({ name, url, cookie }: Leaving) =>
  withCookies(page('sign-in-connections/leave', { name, url }), cookie)

export function arrivedReply(arrived: Arrived & { connection: PublicConnection }) {
  const { connection } = arrived
  switch (arrived.kind) {
    case 'signed-in':
      return withCookies(go(arrived.next === '/' ? paths.team(connection.team_slug) : arrived.next), arrived.session)
    case 'linked':
      return go(paths.profile(), `You can sign in by ${connection.name} from now on`)
    case 'tried': {
      const { id, name, team_slug: slug } = connection
      const { proof, wouldBe } = arrived
      return page('sign-in-connections/tried', { id, name, slug, proof, wouldBe })
    }
  }
}

export const roleOptions = [
  { value: '', label: 'None: only who is invited' },
  ...defaultRoles.map((role) => ({ value: role, label: `${role[0]?.toUpperCase()}${role.slice(1)}` })),
]
