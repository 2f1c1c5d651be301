import type { Knex } from 'knex'
import { all, currentTeam, grantPart, seesAll, seesServer, seesSite } from '../server/platform/db/grants.js'

/** The door for members who are shown single sites and servers: what of each table they reach. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    do $$ begin
      create role hostler_part nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when duplicate_object or unique_violation then null;
    end $$`)
  await knex.raw('grant usage on schema public to hostler_part')

  await grantPart(knex, 'teams', { rights: ['select'], sees: seesAll }, 'id')
  for (const [table, rights, sees] of parts) await grantPart(knex, table, { rights, sees })
  await grantEvents(knex)
}

const reading = ['select'] as const
const ofDomain = 'exists (select from domains where domains.id = domain_id)'
const ofOperation = 'exists (select from operations where operations.id = operation_id)'
/** As operations name what they are about: `site:<id>`. */
const subjectId = `split_part(subject, ':', 2)`

const parts = [
  ['sites', all, seesSite('id')],
  // Of the server of a site they see, its name and state; its own pages ask for a role on it.
  [
    'servers',
    ['select', 'update'],
    `${seesServer('id')} or exists (select from sites where sites.server_id = servers.id)`,
  ],
  ['server_readings', reading, seesServer('server_id')],
  ...['environment_variables', 'releases', 'deploys', 'instances', 'fronts', 'visitor_passwords', 'previews'].map(
    (table) => [table, all, seesSite('site_id')] as const,
  ),
  ...['preview_settings', 'preview_variables'].map((table) => [table, all, seesSite('site_id')] as const),
  ['commit_statuses', ['select', 'update'], seesSite('site_id')],
  ['host_deployments', all, 'exists (select from deploys where deploys.id = deploy_id)'],
  ['delivery_verdicts', ['select', 'insert', 'update'], seesSite('site_id')],
  [
    'webhook_deliveries',
    reading,
    'exists (select from delivery_verdicts where delivery_verdicts.delivery_id = webhook_deliveries.id)',
  ],
  ['domains', all, `${seesSite('site_id')} or ${seesServer('server_id')}`],
  ...['certificates', 'own_certificates', 'dns_challenges'].map((table) => [table, all, ofDomain] as const),
  [
    'operations',
    ['select', 'insert', 'update'],
    `split_part(subject, ':', 1) = 'site' and (${seesSite(subjectId, 'text')})
       or split_part(subject, ':', 1) = 'server' and (${seesServer(subjectId, 'text')})`,
  ],
  ['operation_steps', ['select', 'insert', 'update'], ofOperation],
  ['operation_log', ['select', 'insert'], ofOperation],
  // What is of no site: who may reach it is asked by the permission alone.
  ['event_heads', ['select', 'insert', 'update'], seesAll],
  ...['memberships', 'api_keys', 'idempotency_keys', 'site_drafts', 'github_tokens'].map(
    (table) => [table, all, seesAll] as const,
  ),
  ...['repository_connections', 'github_apps', 'github_installations', 'github_repositories', 'refused_deliveries'].map(
    (table) => [table, reading, seesAll] as const,
  ),
] as const

/** Whoever changes something writes of it; what is read is of what they see. */
async function grantEvents(knex: Knex): Promise<void> {
  await grantPart(knex, 'events', {
    rights: ['select', 'insert'],
    sees: `subject_kind = 'site' and (${seesSite('subject_id')})
      or subject_kind = 'server' and (${seesServer('subject_id')})
      or subject_kind = 'operation' and exists (select from operations where operations.id = subject_id)`,
  })
  await knex.raw(`alter policy part on events with check (team_id = ${currentTeam})`)
}
