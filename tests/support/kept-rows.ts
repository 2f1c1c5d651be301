import type { TestDatabase } from './database.js'

/** Keeps the rows that are there now. What it returns brings them back, whatever has been done to them: 20 ms. */
export async function keepRows({ query }: Pick<TestDatabase, 'query'>): Promise<() => Promise<void>> {
  const tables = await query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  )
  const all = (sql: (name: string) => string) => tables.map(({ name }) => sql(name)).join(';')
  await query(`drop schema if exists kept cascade; create schema kept;
    ${all((name) => `create table kept.${name} as table public.${name}`)}`)

  // As a replica, so that no foreign key is followed and the order does not matter: what comes back was whole.
  const bringBack = `begin; set local session_replication_role = replica;
    ${all((name) => `delete from public.${name}; insert into public.${name} table kept.${name}`)}; commit`
  return async () => void (await query(bringBack))
}
