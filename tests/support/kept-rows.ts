import { changedTables } from './changed-tables.js'
import type { TestDatabase } from './database.js'

/** Keeps the rows that are there now. What it returns brings them back, whatever has been done to them: a few ms. */
export async function keepRows(test: Pick<TestDatabase, 'query'>): Promise<() => Promise<void>> {
  const { query } = test
  const changed = await changedTables(test)
  const tables = await query<{ name: string; root: string }>(
    `select quote_ident(relname) as name, coalesce(pg_partition_root(oid), oid)::regclass::text as root
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  )
  await query(`drop schema if exists kept cascade; create schema kept;
    ${tables.map(({ name }) => `create table kept.${name} as table public.${name}`).join(';')}`)

  return async () => {
    const names = await changed.names()
    const written = tables.filter(({ root }) => names.includes(root))
    if (written.length === 0) return
    // As a replica, so that no foreign key is followed and the order does not matter: what comes back was whole.
    await query(`begin; set local session_replication_role = replica;
      ${written.map(({ name }) => `delete from public.${name}; insert into public.${name} table kept.${name}`).join(';')};
      commit`)
  }
}
