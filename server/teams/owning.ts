import type { TransactionOf } from '../platform/db/doors.js'
import { conflict } from '../platform/errors.js'
import * as queries from './queries.js'
import { mostOwned } from './rules.js'

/**
 * Before somebody becomes an owner, however they do; where the team is there already, under its lock. Of several at once
 * one is counted after the other.
 * @param words how the answer begins: "You own", "Ada owns"
 * @throws UserError 409 for who owns as many teams as anybody may
 */
export async function refuseMoreOwned(db: TransactionOf<'identity'>, userId: string, words: string): Promise<void> {
  if ((await queries.lockAndCountOwned(db, userId)) >= mostOwned)
    throw conflict(`${words} ${mostOwned} teams, and nobody owns more`, 'Delete one, or give one to somebody else.')
}
