import type { Knex } from 'knex'

/** A host of one's own may be at another port than 443, which the name of a repository does not say. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Where the pages of the host are: https://git.example.com:8443
    alter table repository_connections add column web_origin text;
    update repository_connections set web_origin = 'https://' || split_part(repository_key, '/', 1);
    alter table repository_connections alter column web_origin set not null;
  `)
}
