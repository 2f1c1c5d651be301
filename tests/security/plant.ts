import type { World } from '../support/people.js'

/** What is no text that people or machines write: names of kinds, sealed boxes, what other rows are found by. */
const ours =
  /^(id|slug|email|kind|type|subject|subject_kind|actor_kind|pool|stack|runtime|root|ip|reader|prefix)$|_sealed$|_hash$|^host_key/

/** Writes texts straight into every column of acme that takes them; says which those were. */
export async function plantEverywhere(
  { test, acme, people }: World,
  textFor: (column: string) => string,
): Promise<string[]> {
  const columns = await test.query<{ table: string; column: string; team: string | null }>(
    `select c.table_name as table, c.column_name as column, t.column_name as team
     from information_schema.columns c left join information_schema.columns t
       on t.table_schema = c.table_schema and t.table_name = c.table_name and t.column_name = 'team_id'
     where c.table_schema = 'public' and c.data_type = 'text'`,
  )
  const planted: string[] = []
  for (const { table, column, team } of columns.filter(({ column }) => !ours.test(column))) {
    const where = team ? `where team_id = '${acme.id}'` : table === 'teams' ? `where id = '${acme.id}'` : ''
    const isTaken = await test
      .query(`update ${table} set ${column} = $1 ${where}`, [textFor(column)])
      // A check or a unique index may refuse it, which is as good.
      .then(
        () => true,
        () => false,
      )
    if (isTaken) planted.push(`${table}.${column}`)
  }
  await test.query('update sessions set user_agent = $2 where user_id = $1', [people.owner.id, textFor('user_agent')])
  return planted
}
