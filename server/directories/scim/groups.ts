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
  return (group) => {
    const draft = { ...group, members: new Set(group.members) }
    for (const { change } of changes) change(draft)
    return draft
  }
}

/** Of many steps each changes what the one before has left, so that none copies a group of thousands. */
type Draft = { -readonly [Field in keyof Omit<GroupFields, 'members'>]: GroupFields[Field] } & {
  readonly members: Set<string>
}

interface Change {
  readonly named: number
  readonly change: (draft: Draft) => void
}

function changeOf(step: Step): Change {
  const value = step.op === 'remove' ? null : step.value
  switch (step.attribute) {
    case 'displayname': {
      const displayName = neededText('displayName', value)
      return { named: 0, change: (draft) => void Object.assign(draft, { displayName }) }
    }
    case 'externalid': {
      const externalId = textOf('externalId', value)
      return { named: 0, change: (draft) => void Object.assign(draft, { externalId }) }
    }
    case 'members':
      return ofMembers(step)
    default:
      return { named: 0, change: () => undefined }
  }
}

/**
 * Who is taken out is named by the path, or by the value, as Entra does; by neither it is all. What replaces those that a
 * path names comes into their place, and nobody else's.
 */
function ofMembers({ op, which, value }: Step): Change {
  const [selected, given] = [which ? membersNamed(which) : [], op === 'remove' && which ? [] : membersIn(value)]
  const isAll = which === null && (op === 'replace' || (op === 'remove' && (value === undefined || value === null)))
  const [dropped, added] = op === 'remove' ? [[...selected, ...given], []] : [op === 'replace' ? selected : [], given]
  return {
    named: selected.length + given.length,
    change: ({ members }) => {
      if (op === 'replace' && which !== null && !selected.some((id) => members.has(id)))
        throw new ScimFault('noTarget', 'None of those is a member')
      if (isAll) members.clear()
      for (const id of dropped) members.delete(id)
      for (const id of added) members.add(id)
    },
  }
}

function refuseFlood(count: number): void {
  if (count > mostMembers)
    throw new ScimFault(
      'invalidValue',
      `One request names at most ${mostMembers} members`,
      'Send the others in another.',
    )
}
