import pg from 'pg'

/** Rows by the ten thousand in a few statements: every site with one release, one finished deploy, and a reading a server. */
export async function seed(ownerUrl: string, teamId: string, size: { sites: number; servers: number }): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    for (const statement of statements) {
      // All three are named, also where one is not asked for: else PostgreSQL would number what is left anew.
      await client.query(`with size as (select $1::uuid as team, $2::int as servers, $3::int as sites) ${statement}`, [
        teamId,
        size.servers,
        size.sites,
      ])
    }
    await client.query('analyze')
    const { rows } = await client.query<{ sites: number }>('select count(*)::int as sites from sites')
    if (rows[0]?.sites !== size.sites) throw new Error(`Seeded ${rows[0]?.sites} sites instead of ${size.sites}`)
  } finally {
    await client.end()
  }
}

const statements = [
  `insert into servers (id, team_id, slug, name, kind, address, port, username, root, runtime, edge, status, checked_at, seen_at, created_at)
   select uuidv7(), (select team from size), 'machine-' || n, 'machine-' || n, 'ssh', '10.0.0.' || n % 250, 22, 'root', '/opt/hostler', 'process', 'caddy',
     case when n % 200 = 0 then 'unreachable' else 'ready' end, now(), now(), now() - n * interval '1 minute'
   from generate_series(1, (select servers from size)) n`,
  `insert into server_readings (server_id, team_id, at, cpu_percent, memory_used_bytes, memory_total_bytes, disk_used_bytes, disk_total_bytes, load_1m)
   select id, team_id, now(), 12, 1e9, 4e9, 2e10, 1e11, 0.5 from servers where kind = 'ssh'`,
  `, machine as (select id, row_number() over (order by created_at, id) - 1 as place, count(*) over () as machines from servers where team_id = (select team from size) and kind = 'ssh')
   insert into sites (id, team_id, server_id, slug, name, state, repository_url, branch, credential_kind, runtime, edge, stack, start_command, port, next_release, created_at)
   select uuidv7(), (select team from size), machine.id, 'site-' || n, 'Site ' || n, 'active', 'https://git.example.com/acme/site-' || n || '.git', 'main', 'none',
     'process', 'caddy', 'node', 'node server.js', 10000 + n / machines, 2, now() - n * interval '1 minute'
   from generate_series(1, (select sites from size)) n join machine on machine.place = n % machines`,
  `insert into releases (id, team_id, site_id, number, commit_sha, commit_subject, commit_author, runtime, stack, artifact, settings, environment_sealed, environment_digests, state, created_at, live_at)
   select uuidv7(), team_id, id, 1, md5(slug) || '00000000', 'Say what the page is for', 'Ada', 'process', 'node', '/somewhere', '{}', '', '{}', 'live', created_at, created_at
   from sites`,
  `update sites set live_release_id = releases.id from releases where releases.site_id = sites.id`,
  `insert into operations (id, team_id, kind, subject, title, input, status, requested_by, created_at, started_at, ended_at)
   select uuidv7(), team_id, 'deploy', 'site:' || id, 'Deploy ' || name, '{}', 'succeeded', 'Ada', created_at, created_at, created_at + interval '20 s' from sites`,
  `insert into deploys (id, team_id, site_id, operation_id, number, kind, branch, commit_sha, release_id, requested_by, created_at)
   select uuidv7(), sites.team_id, sites.id, operations.id, 1, 'deploy', 'main', releases.commit_sha, releases.id, 'Ada', sites.created_at
   from sites join operations on operations.subject = 'site:' || sites.id join releases on releases.site_id = sites.id`,
]

/** @returns the URL of the new, empty database */
export async function createDatabase(ownerUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  const url = new URL(ownerUrl)
  url.pathname = `/${name}`
  return url.href
}
