import { ScimFault } from '../../platform/http/scim-fault.js'
import { mostMembers } from '../rules.js'
import { attributesOf, neededText, textOf } from './attributes.js'
import { membersIn, membersNamed, type Step } from './patches.js'

export interface GroupFields {
  readonly displayName: string
  readonly externalId: string | null
  /** Ids of users of the same directory. */
  readonly members: ReadonlySet<string>
}

/** The whole of a group, as POST and PUT give it. @throws ScimFault */
export function groupIn(body: unknown): GroupFields {
  const given = attributesOf(body)
  const members = membersIn(given.get('members'))
  refuseFlood(members.length)
  return {
    displayName: neededText('displayName', given.get('displayname')),
    externalId: textOf('externalId', given.get('externalid')),
    members: new Set(members),
  }
}

/** Those steps of a PATCH that are about groups, as one change. @throws ScimFault, also before there is a group */
export function groupPatch(steps: readonly Step[]): (group: GroupFields) => GroupFields {
  const changes = steps.map(changeOf)
  refuseFlood(changes.reduce((sum, { named }) => sum + named, 0))
  return (group) => changes.reduce((before, { change }) => change(before), group)
}

interface Change {
  readonly named: number
  readonly change: (group: GroupFields) => GroupFields
}

function changeOf(step: Step): Change {
  const value = step.op === 'remove' ? null : step.value
  switch (step.attribute) {
    case 'displayname': {
      const displayName = neededText('displayName', value)
      return { named: 0, change: (group) => ({ ...group, displayName }) }
    }
    case 'externalid': {
      const externalId = textOf('externalId', value)
      return { named: 0, change: (group) => ({ ...group, externalId }) }
    }
    case 'members':
      return ofMembers(step)
    default:
      return { named: 0, change: (group) => group }
  }
}

/** Who is taken out is named by the path, or by the value, as Entra does; by neither it is all. */
function ofMembers({ op, which, value }: Step): Change {
  const isAll = op === 'remove' && which === null && (value === undefined || value === null)
  const named = which ? membersNamed(which) : membersIn(value)
  const next = (members: ReadonlySet<string>): Iterable<string> => {
    if (op === 'add') return [...members, ...named]
    if (op === 'replace') return named
    return isAll ? [] : [...members].filter((id) => !named.includes(id))
  }
  return { named: named.length, change: (group) => ({ ...group, members: new Set(next(group.members)) }) }
}

function refuseFlood(count: number): void {
  if (count > mostMembers)
    throw new ScimFault(
      'invalidValue',
      `One request names at most ${mostMembers} members`,
      'Send the others in another.',
    )
}
