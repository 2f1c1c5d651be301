import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type {
  OperationsRow,
  PreviewSettingsRow,
  PreviewsRow,
  PreviewVariablesRow,
  SitesRow,
} from '../platform/db/tables.js'
import { otherRepository } from './rules.js'

type System = TransactionOf<'system'>

/** As `standing` says it. */
const isOfBranch =
  'p.is_open and p.removed_why is null and p.repository_key = s.repository_key and p.base_branch = s.branch'
const isTrusted = '(not p.is_fork or p.approved_commit = p.head_commit)'

const ofTeam = (tx: TeamTx) => tx.db('previews').where({ team_id: tx.ctx.team.id })

export const maybePreview = (tx: TeamTx, id: string): Promise<PreviewsRow | undefined> =>
  ofTeam(tx).select('*').where({ id }).first()

/** Of the repository that the site has now. Locked to the end of the transaction. */
export const lockPreview = (
  tx: TeamTx,
  { id: site_id, repository_key }: Pick<SitesRow, 'id' | 'repository_key'>,
  number: number,
): Promise<PreviewsRow | undefined> =>
  ofTeam(tx).select('*').where({ site_id, repository_key, number }).forUpdate().first()

/** Locked to the end of the transaction. */
export const lockPreviewById = (tx: TeamTx, id: string): Promise<PreviewsRow | undefined> =>
  ofTeam(tx).select('*').where({ id }).forUpdate().first()

type Insert = Pick<
  PreviewsRow,
  'id' | 'team_id' | 'site_id' | 'repository_key' | 'number' | 'pushed_at' | 'created_at'
> &
  Heard

/** What a host says of a pull request. */
export type Heard = Pick<
  PreviewsRow,
  | 'title'
  | 'author'
  | 'head_branch'
  | 'base_branch'
  | 'head_commit'
  | 'is_fork'
  | 'is_open'
  | 'updated_at'
  | 'bring_at'
  | 'tell_at'
  | 'ask_at'
>

export const insertPreview = async (tx: TeamTx, row: Insert): Promise<void> =>
  void (await tx.db('previews').insert(row))

export const updatePreview = async (
  tx: TeamTx,
  id: string,
  change: Partial<Omit<PreviewsRow, 'id' | 'team_id' | 'site_id' | 'number'>>,
): Promise<void> => void (await ofTeam(tx).where({ id }).update(change))

/** Previews that the site has, apart from those that are being removed. */
export const countOf = async (tx: TeamTx, siteId: string): Promise<number> =>
  Number(
    (
      await tx
        .db('sites')
        .where({ team_id: tx.ctx.team.id, preview_of: siteId, delete_requested_at: null })
        .count<{ count: string }[]>('* as count')
    )[0]?.count,
  )

/** Others that are being made, or will be before it: of several that are told of at once, each takes a place. */
export const promisedBefore = async (
  tx: TeamTx,
  { id, site_id, bring_at, number }: Pick<PreviewsRow, 'id' | 'site_id' | 'bring_at' | 'number'>,
): Promise<number> =>
  Number(
    (
      await tx
        .db('previews as p')
        .join('sites as s', 's.id', 'p.site_id')
        .where({ 'p.team_id': tx.ctx.team.id, 'p.site_id': site_id, 'p.preview_site_id': null })
        .whereNot('p.id', id)
        .whereRaw('(p.bring_attempts > 0 or (p.bring_at, p.number) < (?, ?))', [bring_at, number])
        .whereRaw(`${isOfBranch} and ${isTrusted}`)
        .count<{ count: string }[]>('* as count')
    )[0]?.count,
  )

export const maybeSettings = (tx: TeamTx, siteId: string): Promise<PreviewSettingsRow | undefined> =>
  tx.db('preview_settings').select('*').where({ site_id: siteId, team_id: tx.ctx.team.id }).first()

export const putSettings = async (tx: TeamTx, row: PreviewSettingsRow): Promise<void> =>
  void (await tx.db('preview_settings').insert(row).onConflict('site_id').merge(['is_on', 'most', 'kept_days']))

/** All that the site has are looked at again. */
export const bringAll = async (tx: TeamTx, siteId: string, now: Date): Promise<void> =>
  void (await ofTeam(tx)
    .where({ site_id: siteId })
    .where((some) => some.where({ is_open: true }).orWhereNotNull('preview_site_id'))
    .update({ bring_at: now, bring_attempts: 0 }))

const variables = (tx: TeamTx, siteId: string) =>
  tx.db('preview_variables').where({ site_id: siteId, team_id: tx.ctx.team.id })

/** By key. */
export const variablesOf = (tx: TeamTx, siteId: string): Promise<PreviewVariablesRow[]> =>
  variables(tx, siteId).select('*').orderBy('key')

export const putVariable = async (tx: TeamTx, row: PreviewVariablesRow): Promise<void> =>
  void (await tx
    .db('preview_variables')
    .insert(row)
    .onConflict(['site_id', 'key'])
    .merge(['kind', 'is_secret', 'value_sealed', 'updated_at']))

export const deleteVariable = async (tx: TeamTx, siteId: string, key: string): Promise<boolean> =>
  (await variables(tx, siteId).where({ key }).delete()) === 1

/** With the site that shows it, and how its newest deploy stands. */
export type ShownPreview = PreviewsRow &
  Record<'copy_slug' | 'copy_url', string | null> & {
    copy_port: SitesRow['port'] | null
    copy_removed_at: Date | null
    live_release_id: string | null
    deploy_number: number | null
    deploy_status: OperationsRow['status'] | null
    deploy_rolled_back: boolean
    deploy_message: string | null
  }

const shownPreviews = (tx: TeamTx) =>
  tx
    .db('previews as p')
    .where({ 'p.team_id': tx.ctx.team.id })
    .leftJoin('sites as s', 's.id', 'p.preview_site_id')
    .joinRaw(
      `left join lateral (select operation_id, number, rolled_back_at from deploys
         where site_id = s.id and folded_into is null order by number desc limit 1) d on true`,
    )
    .leftJoin('operations as o', 'o.id', 'd.operation_id')
    .select<ShownPreview[]>(
      ...['p.*', 's.slug as copy_slug', 's.served_url as copy_url', 's.port as copy_port'],
      ...['s.delete_requested_at as copy_removed_at', 's.live_release_id'],
      ...['d.number as deploy_number', 'o.status as deploy_status', 'o.message as deploy_message'],
      tx.db.raw('d.rolled_back_at is not null as deploy_rolled_back'),
    )

/** The open ones first, each by the newest number. */
export const previewsOf = (tx: TeamTx, siteId: string, limit: number): Promise<ShownPreview[]> =>
  shownPreviews(tx)
    .where({ 'p.site_id': siteId })
    .orderBy([
      { column: 'p.is_open', order: 'desc' },
      { column: 'p.number', order: 'desc' },
    ])
    .limit(limit)

export const maybeShown = async (tx: TeamTx, id: string): Promise<ShownPreview | undefined> =>
  (await shownPreviews(tx).where({ 'p.id': id }))[0]

export type Due = Pick<PreviewsRow, 'id' | 'team_id'>

/** The next that somebody shall look at, taken for a while. */
export const claimBring = (db: System, now: Date, until: Date): Promise<Due | undefined> =>
  claim(db, 'bring_at', { bring_at: until, bring_attempts: db.raw('bring_attempts + 1') }, now)

/** The next whose pull request is to be told how it stands, taken for a while. */
export const claimTell = (db: System, now: Date, until: Date): Promise<Due | undefined> =>
  claim(db, 'tell_at', { tell_at: until, tell_attempts: db.raw('tell_attempts + 1') }, now)

async function claim(
  db: System,
  column: 'bring_at' | 'tell_at',
  change: Record<string, unknown>,
  now: Date,
): Promise<Due | undefined> {
  const due = db('previews').select('id').where(column, '<=', now).orderBy([column, 'number'])
  const next = due.limit(1).forUpdate().skipLocked()
  const [row] = await db('previews').whereIn('id', next).update(change).returning(['id', 'team_id'])
  return row
}

export type DueAsk = Due & Pick<PreviewsRow, 'repository_key'>

/** To be asked after, taken: those that are there or may come, where there is a token to ask with. */
export const takeAsks = (db: System, now: Date, next: Date, limit: number): Promise<DueAsk[]> => {
  const due = db('previews as p')
    .join('sites as s', 's.id', 'p.site_id')
    .join('preview_settings as w', 'w.site_id', 'p.site_id')
    .select('p.id')
    .where('p.ask_at', '<=', now)
    .where({ 'w.is_on': true, 's.delete_requested_at': null })
    .whereNot('s.state', 'archived')
    .whereRaw(`${isOfBranch} and (p.preview_site_id is not null or ${isTrusted})`)
    .whereExists(
      db('repository_connections as c')
        .select(db.raw('1'))
        .whereRaw('(c.team_id, c.repository_key) = (p.team_id, p.repository_key)')
        .whereRaw('(c.token_sealed is not null or c.installation_id is not null)'),
    )
    .orderBy('p.ask_at')
    .limit(limit)
    .forUpdate('p')
    .skipLocked()
  return db('previews').whereIn('id', due).update({ ask_at: next }).returning(['id', 'team_id', 'repository_key'])
}

/** The host wants to be left alone, whatever it is about. */
export async function postponeAsks(tx: TeamTx, repositoryKey: string, until: Date): Promise<void> {
  const all = ofTeam(tx).select('id').where({ repository_key: repositoryKey }).where('ask_at', '<', until)
  // In one order: two that do so at once never wait in a circle.
  await ofTeam(tx).whereIn('id', all.orderBy('id').forUpdate()).update({ ask_at: until })
}

/** Open ones with no commit for longer than their site keeps them. */
export const expire = (db: System, now: Date): Promise<number> =>
  db('previews')
    .where({ is_open: true, removed_why: null })
    .whereNotNull('preview_site_id')
    .whereRaw(
      `pushed_at < ?::timestamptz - make_interval(days => (select kept_days from preview_settings where site_id = previews.site_id))`,
      [now],
    )
    .update({ removed_why: 'Nobody pushed to it for so long', bring_at: now, bring_attempts: 0, tell_at: now })

/** The address of a site changes by itself, when it gets a certificate. */
export const tellOfAddresses = (db: System, now: Date): Promise<number> =>
  db('previews as p')
    .whereNull('p.tell_at')
    .whereNotNull('p.comment_text')
    .whereExists(
      db('sites as s')
        .select(db.raw('1'))
        .whereRaw('s.id = p.preview_site_id and s.served_url is not null')
        .whereRaw('position(s.served_url in p.comment_text) = 0')
        .whereNotNull('s.live_release_id'),
    )
    .update({ tell_at: now, tell_attempts: 0 })

export const tellOfSite = (db: System, previewSiteId: string, now: Date): Promise<number> =>
  db('previews').where({ preview_site_id: previewSiteId }).update({ tell_at: now, tell_attempts: 0 })

/** Those of another repository than the site has now: nobody asks or tells of them any more. */
export const closeOthers = async (db: System, siteId: string, now: Date): Promise<void> =>
  void (await db('previews')
    .where({ site_id: siteId, is_open: true })
    .whereRaw('repository_key <> (select repository_key from sites where id = previews.site_id)')
    .update({
      ...{ is_open: false, removed_why: otherRepository },
      ...{ bring_at: now, bring_attempts: 0, tell_at: now, tell_attempts: 0 },
    }))

/** What its site has changed, the preview takes over. */
export const bringOfSite = (db: System, siteId: string, now: Date): Promise<number> =>
  db('previews').where({ site_id: siteId }).whereNotNull('preview_site_id').update({ bring_at: now, bring_attempts: 0 })
