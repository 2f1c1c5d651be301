import type { Filter } from 'scim2-parse-filter'
import { ScimFault } from '../../platform/http/scim-fault.js'
import { attributesOf, listOf, nameOf } from './attributes.js'
import { parsed } from './filters.js'

/** One step of a PATCH (RFC 7644, 3.5.2), by the attribute that it is about: what came without a path has one for each. */
export interface Step {
  readonly op: 'add' | 'replace' | 'remove'
  /** `emails.value`, also for `emails[type eq "work"].value`. */
  readonly attribute: string
  /** Of `emails[type eq "work"]`. */
  readonly which: Filter | null
  readonly value: unknown
}

const mostOperations = 1000

/** Takes what Entra and Okta send: `Add` for `add`, no path, and names with a dot inside of a value. @throws ScimFault */
export function stepsOf(body: unknown): Step[] {
  const operations = attributesOf(body).get('operations')
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ScimFault('invalidSyntax', 'A PATCH has a list of Operations')
  if (operations.length > mostOperations)
    throw new ScimFault('invalidSyntax', `A PATCH has at most ${mostOperations} operations`)
  return operations.flatMap(stepsIn)
}

function stepsIn(operation: unknown): Step[] {
  const given = attributesOf(operation, 'An operation')
  const [op, path, value] = [opOf(given.get('op')), given.get('path'), given.get('value')]
  if (path === undefined || path === null || path === '') {
    if (op === 'remove') throw new ScimFault('invalidPath', 'What is removed has to be named by a path')
    return [...attributesOf(value, 'A value without a path')].map(([name, inner]) => ({
      ...{ op, ...placeOf(name), value: inner },
    }))
  }
  if (typeof path !== 'string') throw new ScimFault('invalidPath', 'A path has to be a text')
  return [{ op, ...placeOf(path), value }]
}

function opOf(word: unknown): Step['op'] {
  const op = typeof word === 'string' ? word.toLowerCase() : ''
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw new ScimFault('invalidSyntax', 'An operation is add, replace or remove')
  return op
}

function placeOf(path: string): Pick<Step, 'attribute' | 'which'> {
  const [whole, name = '', , filter, sub] =
    /^([\w$:.-]{1,200})(\[(.{1,1000})\])?(?:\.(\w{1,60}))?$/.exec(path.trim()) ?? []
  if (whole === undefined || (sub !== undefined && filter === undefined))
    throw new ScimFault('invalidPath', 'A path cannot be read')
  return { attribute: nameOf(name) + (sub ? `.${sub.toLowerCase()}` : ''), which: filter ? within(filter) : null }
}

function within(filter: string): Filter {
  try {
    return parsed(filter)
  } catch (cause) {
    throw new ScimFault('invalidPath', 'The filter of a path cannot be read', undefined, { cause })
  }
}

/** The ids that members are named by in a value. */
export const membersIn = (value: unknown): string[] =>
  listOf(value).map((member) => {
    const id = attributesOf(member, 'A member').get('value')
    if (typeof id !== 'string') throw new ScimFault('invalidValue', 'A member is named by its id, as value')
    return id.toLowerCase()
  })

/** The ids in `value eq "…" or value eq "…"`. */
export function membersNamed(filter: Filter): string[] {
  if (filter.op === 'or') return filter.filters.flatMap(membersNamed)
  if (filter.op !== 'eq' || nameOf(filter.attrPath) !== 'value' || typeof filter.compValue !== 'string')
    throw new ScimFault('invalidPath', 'Members are named by their value')
  return [filter.compValue.toLowerCase()]
}
