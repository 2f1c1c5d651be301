import type { TestDatabase } from './database.js'

/**
 * Which tables of a test's database were written to, so that who compares all rows, or brings all back, reads those alone:
 * a statement that changes a table leaves its name behind, in the same transaction.
 */
export interface ChangedTables {
  /** Since this one was last asked. Tables that are partitioned go by their own name, not by that of a part. */
  names(): Promise<readonly string[]>
}

interface Watched {
  readonly readers: Set<Set<string>>
  /** Has every reader know what was written until now. */
  collect(): Promise<void>
}

const watched = new WeakMap<TestDatabase['query'], Promise<Watched>>()

export async function changedTables({ query }: Pick<TestDatabase, 'query'>): Promise<ChangedTables> {
  const known = watched.get(query) ?? beginToWatch(query)
  watched.set(query, known)
  const { readers, collect } = await known
  await collect()
  const mine = new Set<string>()
  readers.add(mine)
  return {
    names: async () => {
      await collect()
      const names = [...mine]
      mine.clear()
      return names
    },
  }
}

async function beginToWatch(query: TestDatabase['query']): Promise<Watched> {
  const tables = await query<{ name: string; root: string }>(
    `select quote_ident(relname) as name, coalesce(pg_partition_root(oid), oid)::regclass::text as root
     from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
  )
  // As its owner, because the roles of the panel may not write here; always, because rows are brought back as a replica.
  await query(`create schema watch;
    create unlogged table watch.changes (name text);
    create function watch.note() returns trigger security definer language plpgsql
      as 'begin insert into watch.changes values (tg_argv[0]); return null; end';
    ${tables
      .map(
        ({ name, root }) =>
          `create trigger watched after insert or update or delete or truncate on public.${name}
             for each statement execute function watch.note('${root}');
           alter table public.${name} enable always trigger watched`,
      )
      .join(';')}`)

  const readers = new Set<Set<string>>()
  const collect = async () => {
    const rows = await query<{ name: string }>('delete from watch.changes returning name')
    for (const reader of readers) for (const { name } of rows) reader.add(name)
  }
  return { readers, collect }
}
