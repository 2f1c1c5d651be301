import { ScimFault } from '../../platform/http/scim-fault.js'
import { attributesOf, booleanOf, listOf, neededText, textOf } from './attributes.js'
import type { Step } from './patches.js'

/** What we keep of a user. Whatever else a directory sends is not looked at. */
export interface UserFields {
  readonly userName: string
  readonly externalId: string | null
  readonly displayName: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  /** Null: the user name is one. */
  readonly email: string | null
  readonly isActive: boolean
}

const blank: UserFields = {
  userName: '',
  externalId: null,
  displayName: null,
  givenName: null,
  familyName: null,
  email: null,
  isActive: true,
}

type Setter = (value: unknown, which: Step['which']) => Partial<UserFields>

const setters: Readonly<Record<string, Setter>> = {
  username: (value) => ({ userName: neededText('userName', value, 254) }),
  externalid: (value) => ({ externalId: textOf('externalId', value) }),
  displayname: (value) => ({ displayName: textOf('displayName', value) }),
  active: (value) => ({ isActive: booleanOf('active', value) }),
  'name.givenname': (value) => ({ givenName: textOf('name.givenName', value) }),
  'name.familyname': (value) => ({ familyName: textOf('name.familyName', value) }),
  name: (value) => (value == null ? { givenName: null, familyName: null } : nameFrom(value)),
  emails: (value, which) => (isOfWork(which) ? { email: emailIn(value) } : {}),
  'emails.value': (value, which) => (isOfWork(which) ? { email: textOf('emails.value', value, 254) } : {}),
}

/**
 * The whole of a user, as POST and PUT give it. Whether they are active is never guessed for somebody who is known: nobody
 * comes back by a PUT that does not say so. @throws ScimFault
 */
export function userIn(body: unknown, isActive = true): UserFields {
  let fields = { ...blank, isActive }
  for (const [attribute, value] of attributesOf(body)) fields = withValue(fields, { attribute, value, which: null })
  return withValue(fields, { attribute: 'username', value: fields.userName, which: null })
}

/** The user as it is after these steps, in their order. @throws ScimFault */
export function patchedUser(fields: UserFields, steps: readonly Step[]): UserFields {
  return steps.reduce(
    (before, step) => withValue(before, { ...step, value: step.op === 'remove' ? null : step.value }),
    fields,
  )
}

function withValue(fields: UserFields, { attribute, value, which }: Omit<Step, 'op'>): UserFields {
  const setter = Object.hasOwn(setters, attribute) ? setters[attribute] : undefined
  return setter ? { ...fields, ...setter(value, which) } : fields
}

function nameFrom(value: unknown): Partial<UserFields> {
  const parts = attributesOf(value, 'name')
  return {
    ...(parts.has('givenname') && { givenName: textOf('name.givenName', parts.get('givenname')) }),
    ...(parts.has('familyname') && { familyName: textOf('name.familyName', parts.get('familyname')) }),
  }
}

/** The primary one, else that of the work, else the first. */
function emailIn(value: unknown): string | null {
  if (typeof value === 'string') return textOf('emails', value, 254)
  const emails = listOf(value).map((one) => attributesOf(one, 'An address of emails'))
  const chosen =
    emails.find((one) => one.get('primary') === true || one.get('primary') === 'True') ??
    emails.find((one) => one.get('type') === 'work') ??
    emails[0]
  return textOf('emails.value', chosen?.get('value'), 254)
}

/** `emails[type eq "home"]` is none that we keep. */
const isOfWork = (which: Step['which']): boolean =>
  !(which?.op === 'eq' && which.attrPath.toLowerCase() === 'type' && which.compValue !== 'work')

/** What differs, by the names that people read. */
export const changesBetween = (before: UserFields, after: UserFields): string[] =>
  // `as`: the keys of that interface.
  (Object.keys(blank) as (keyof UserFields)[])
    .filter((key) => before[key] !== after[key])
    .map((key) => (key === 'isActive' ? 'active' : key))

/** @throws ScimFault for a directory user without any address */
export const noAddress = (): ScimFault =>
  new ScimFault('invalidValue', 'An email address is needed', 'Send one as emails, or as userName.')
