import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'

type Identity = TransactionOf<'identity'>

export interface Told {
  user_id: string | null
  is_active: boolean
  made_account: boolean
  given_role: Role | null
}

/**
 * What a directory says of whoever comes by the sign-in connection that it belongs to: by the subject, where the provider
 * calls people the same there, or by an address that counts. Those who are active first; the latest before older ones.
 */
export const toldOf = (
  db: Identity,
  directory: string,
  { subject, isNameId, email }: { subject: string; isNameId: boolean; email: string | null },
): Promise<Told[]> =>
  db.rows<Told>(
    `select user_id, is_active, made_account, given_role from directory_users
     where connection_id = $1 and (external_id = $2 or $3 and lower(user_name) = lower($2) or lower(email) = $4)
     order by is_active desc, id desc`,
    [directory, subject, isNameId, email],
  )

export const toldOfUser = (db: Identity, directory: string, userId: string): Promise<Told[]> =>
  db('directory_users')
    .select('user_id', 'is_active', 'made_account', 'given_role')
    .where({ connection_id: directory, user_id: userId })
