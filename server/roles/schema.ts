import { z } from 'zod'
import { allPermissions } from '../platform/access/permissions.js'
import { roleNames } from '../platform/access/roles.js'
import { several, timestamp } from '../platform/http/fields.js'

const RoleName = z
  .string()
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give the role a name')
  .max(60, 'A name has at most 60 characters')

const permission = z.enum(allPermissions, 'There is no such permission')

/** Boxes of a form come one by one; what is ticked twice is ticked. */
export const RoleChanges = z.strictObject({
  name: RoleName,
  permissions: several(permission).refine((list) => list.length > 0, 'Choose what the role allows'),
})

/** What a role is held on: the whole team, or a site, server or group of sites, by the name in its address. */
export const NewHolding = z.strictObject({
  role: z.string().min(1, 'Choose a role').max(60),
  on: z.enum(['team', 'group', 'site', 'server'], 'Choose what it is held on'),
  thing: z.string().trim().max(80).default(''),
})

const Role = z.object({
  id: z.string().describe('The name of a built-in role, or the id of one of the team’s own'),
  name: z.string(),
  isOwn: z.boolean(),
  permissions: z.array(permission),
  holders: z.number().int().describe('How many people hold it, on whatever'),
  createdAt: timestamp().nullable(),
})

export const RoleList = z.object({ roles: z.array(Role) })

export const RoleAnswer = z.object({ role: Role })

const Held = z.object({
  id: z.uuid().nullable().describe('Null for the role on the whole team that is part of the membership'),
  role: z.string(),
  on: z.object({ kind: z.enum(['team', 'group', 'site', 'server']), name: z.string() }),
  grantedBy: z.string().nullable(),
  byDirectory: z.boolean().describe('It comes from a group of a directory, and is not taken by hand'),
  since: timestamp(),
})

export const MemberRights = z.object({
  member: z.object({ id: z.uuid(), name: z.string(), email: z.string(), role: z.enum(roleNames).nullable() }),
  held: z.array(Held),
  rights: z.array(
    z.object({
      permission,
      where: z.array(z.object({ on: z.string(), because: z.string() })),
    }),
  ),
})
