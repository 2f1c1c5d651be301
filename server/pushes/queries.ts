import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type {
  DeliveryVerdictsRow,
  RefusedDeliveriesRow,
  SitesRow,
  WebhookDeliveriesRow,
} from '../platform/db/tables.js'

type System = TransactionOf<'system'>

type NewDelivery = Pick<
  WebhookDeliveriesRow,
  'id' | 'team_id' | 'connection_id' | 'github_app_id' | 'delivery' | 'event' | 'body'
> & { headers: string; sealed: string }

/**
 * Keeps those whose signer still has the secret that was tried (`sealed`), and tells which are new: the host may have sent
 * the others before. What is not in the answer was not proven. One statement, with the time for whoever looks at the
 * connection or the app whether anything comes. To have knex build it costs more than to run it.
 */
export const insertDeliveries = async (
  db: System,
  rows: readonly NewDelivery[],
  now: Date,
): Promise<Map<string, boolean>> => {
  const values = rows.flatMap((row) => deliveryColumns.map(([name]) => row[name]))
  const proven = await db.rows<{ id: string; is_new: boolean }>(insertText(rows.length), [now, ...values])
  return new Map(proven.map(({ id, is_new }) => [id, is_new]))
}

const deliveryColumns = [
  ['id', 'uuid'],
  ['team_id', 'uuid'],
  ['connection_id', 'uuid'],
  ['github_app_id', 'uuid'],
  ['delivery', 'text'],
  ['event', 'text'],
  ['headers', 'jsonb'],
  ['body', 'bytea'],
  ['sealed', 'text'],
] as const satisfies readonly (readonly [keyof NewDelivery, string])[]

/** Of a flood the first is enough: nobody looks at parts of a second. */
const notJustNow = "coalesce(last_delivery_at < $1::timestamptz - interval '1 second', true)"

const insertTexts = new Map<number, string>()

/** For so many rows; the time is `$1`. */
function insertText(count: number): string {
  const known = insertTexts.get(count)
  if (known) return known
  const names = deliveryColumns.map(([name]) => name).join(', ')
  const kept = names.replace(', sealed', '')
  const row = (index: number) =>
    deliveryColumns.map(([, type], column) => `$${2 + index * deliveryColumns.length + column}::${type}`).join(', ')
  const text = `
    with sent (${names}) as (values ${Array.from({ length: count }, (_, index) => `(${row(index)})`).join(', ')}),
    proven as (
      select ${kept} from sent
      where exists (select from repository_connections c where c.id = sent.connection_id and c.secret_sealed = sent.sealed)
        or exists (select from github_apps a where a.id = sent.github_app_id and a.webhook_secret_sealed = sent.sealed)),
    kept as (
      insert into webhook_deliveries (${kept}, received_at) select ${kept}, $1::timestamptz from proven
      on conflict do nothing returning id, connection_id, github_app_id),
    connections as (
      update repository_connections set last_delivery_at = $1 where id in (select connection_id from kept) and ${notJustNow}),
    apps as (
      update github_apps set last_delivery_at = $1 where id in (select github_app_id from kept) and ${notJustNow})
    select proven.id, kept.id is not null as is_new from proven left join kept on kept.id = proven.id`
  insertTexts.set(count, text)
  return text
}

/** Counted by the hour; of what was turned away nothing else is kept. */
export const countRefused = async (db: System, row: Omit<RefusedDeliveriesRow, 'count'>): Promise<void> =>
  void (await db('refused_deliveries')
    .insert({ ...row, count: 1 })
    .onConflict(['team_id', 'host', 'repository_key', 'why', 'hour'])
    .merge({ count: db.raw('refused_deliveries.count + 1'), last_at: row.last_at }))

/** Teams with a site of one of these repositories. */
export const teamsWithSitesOf = async (
  db: System,
  repositoryKeys: readonly string[],
  limit: number,
): Promise<Pick<SitesRow, 'team_id' | 'repository_key'>[]> =>
  repositoryKeys.length === 0
    ? []
    : db('sites')
        .distinct('team_id', 'repository_key')
        .whereIn('repository_key', [...repositoryKeys])
        .limit(limit)

/** Whose secret deliveries are signed with: a connection, or else an app. */
export type Signer = Pick<WebhookDeliveriesRow, 'connection_id' | 'github_app_id'>

/** Of those that wait; takes the time. */
const isDue = 'coalesce(look_at <= ?, true)'

/** One with deliveries that nobody has decided on. */
export type Waiting = Signer & Pick<WebhookDeliveriesRow, 'team_id'>

/** Whoever of a team has waited longest first, then the second of each: a team with hundreds holds up no other. */
export const waitingSigners = (db: System, now: Date, limit: number): Promise<Waiting[]> =>
  db('webhook_deliveries')
    .select('team_id', 'connection_id', 'github_app_id')
    .whereNull('outcome')
    .whereRaw(isDue, [now])
    .groupBy('team_id', 'connection_id', 'github_app_id')
    .orderByRaw('row_number() over (partition by team_id order by min(received_at)), min(received_at)')
    .limit(limit)

/** It is not looked at before, so that it takes nobody's place meanwhile. */
export const postponeDelivery = async (tx: TeamTx, id: string, until: Date): Promise<void> =>
  void (await tx.db('webhook_deliveries').where({ id, team_id: tx.ctx.team.id }).update({ look_at: until }))

export const deleteDeliveriesBefore = (db: System, before: Date): Promise<number> =>
  db('webhook_deliveries').where('received_at', '<', before).delete()

export const deleteRefusedBefore = (db: System, before: Date): Promise<number> =>
  db('refused_deliveries').where('hour', '<', before).delete()

export type Delivery = Omit<WebhookDeliveriesRow, 'body' | 'repository_key'> & {
  host: 'github' | 'gitlab' | 'gitea'
  repository_key: string
}

const listed = [
  ...(['d.id', 'd.team_id', 'd.connection_id', 'd.delivery', 'd.event', 'd.headers', 'd.received_at'] as const),
  ...(['d.outcome', 'd.why', 'd.branch', 'd.commit_sha', 'd.commit_subject', 'd.pusher'] as const),
  'd.github_app_id',
] as const

const withSigner = (tx: TeamTx) =>
  tx
    .db('webhook_deliveries as d')
    .leftJoin('repository_connections as c', 'c.id', 'd.connection_id')
    .leftJoin('github_apps as a', 'a.id', 'd.github_app_id')
    .where('d.team_id', tx.ctx.team.id)
    .select<Delivery[]>(
      ...listed,
      tx.db.raw("coalesce(c.host, 'github') as host"),
      // What is about no repository is about the app, which has a page too.
      tx.db.raw(
        "coalesce(c.repository_key, d.repository_key, regexp_replace(a.page_url, '^[a-z]+://', '')) as repository_key",
      ),
    )

/** Newest first. */
export const deliveriesPage = (
  tx: TeamTx,
  filter: { after: { at: string; id: string } | null; siteId: string | null; limit: number },
): Promise<Delivery[]> =>
  withSigner(tx)
    .modify((query) => {
      if (filter.after) query.whereRaw('(d.received_at, d.id) < (?, ?)', [filter.after.at, filter.after.id])
      if (filter.siteId)
        query.whereExists(
          tx
            .db('delivery_verdicts as v')
            .select(tx.db.raw('1'))
            .whereRaw('v.delivery_id = d.id')
            .where({ 'v.site_id': filter.siteId }),
        )
    })
    .orderBy([
      { column: 'd.received_at', order: 'desc' },
      { column: 'd.id', order: 'desc' },
    ])
    .limit(filter.limit, { skipBinding: true })

export const maybeDelivery = async (tx: TeamTx, id: string): Promise<Delivery | undefined> =>
  (await withSigner(tx).where('d.id', id))[0]

export const bodyOf = async (tx: TeamTx, id: string): Promise<Buffer | undefined> =>
  (await tx.db('webhook_deliveries').select('body').where({ id, team_id: tx.ctx.team.id }).first())?.body

/** Those that wait and are due, for one of several that look at the same moment. The oldest first. */
export const claimDeliveries = async (
  tx: TeamTx,
  signer: Signer,
  { most, except }: { most: number; except: readonly string[] },
): Promise<string[]> =>
  (
    await tx
      .db('webhook_deliveries')
      .select('id')
      .where({ ...signer, team_id: tx.ctx.team.id })
      .whereNull('outcome')
      .whereRaw(isDue, [tx.ctx.now()])
      .whereNotIn('id', [...except])
      .orderBy(['received_at', 'id'])
      .limit(most)
      .forUpdate()
      .skipLocked()
  ).map(({ id }) => id)

export type WholeDelivery = Delivery & { body: Buffer }

export const maybeWhole = async (tx: TeamTx, id: string): Promise<WholeDelivery | undefined> =>
  (await withSigner(tx).select<WholeDelivery[]>('d.body').where('d.id', id))[0]

/** The row is locked to the end of the transaction: two that judge it follow each other. */
export const lockDelivery = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await tx.db('webhook_deliveries').select('id').where({ id, team_id: tx.ctx.team.id }).forUpdate().first()) !==
  undefined

export const setOutcome = async (
  tx: TeamTx,
  id: string,
  change: Partial<
    Pick<
      WebhookDeliveriesRow,
      'outcome' | 'why' | 'repository_key' | 'branch' | 'commit_sha' | 'commit_subject' | 'pusher'
    >
  >,
): Promise<void> => void (await tx.db('webhook_deliveries').where({ id, team_id: tx.ctx.team.id }).update(change))

/** A verdict that led to a deploy or a preview stays: what is judged again may not do so a second time. */
export const putVerdicts = async (tx: TeamTx, rows: readonly DeliveryVerdictsRow[]): Promise<void> =>
  void (await tx
    .db('delivery_verdicts')
    .insert([...rows])
    .onConflict(['delivery_id', 'site_id'])
    .merge(['verdict', 'detail', 'deploy_id', 'judged_at'])
    .whereNotIn('delivery_verdicts.verdict', ['deployed', 'folded', 'preview']))

export type ShownVerdict = Pick<DeliveryVerdictsRow, 'delivery_id' | 'site_id' | 'verdict' | 'detail'> & {
  site_slug: string
  site_name: string
  deploy_number: number | null
}

export const verdictsOf = (tx: TeamTx, deliveryIds: readonly string[], siteId?: string): Promise<ShownVerdict[]> =>
  tx
    .db('delivery_verdicts as v')
    .join('sites as s', 's.id', 'v.site_id')
    .leftJoin('deploys as d', 'd.id', 'v.deploy_id')
    .where('v.team_id', tx.ctx.team.id)
    .whereIn('v.delivery_id', [...deliveryIds])
    .modify((query) => {
      if (siteId !== undefined) query.where('v.site_id', siteId)
    })
    .select<ShownVerdict[]>(
      ...(['v.delivery_id', 'v.site_id', 'v.verdict', 'v.detail'] as const),
      ...['s.slug as site_slug', 's.name as site_name', 'd.number as deploy_number'],
    )
    .orderBy('s.name')

/** "delivery site" of each verdict that led to a deploy. */
export const decided = async (tx: TeamTx, deliveryIds: readonly string[]): Promise<Set<string>> =>
  new Set(
    (
      await tx
        .db('delivery_verdicts')
        .select('delivery_id', 'site_id')
        .where({ team_id: tx.ctx.team.id })
        .whereIn('delivery_id', [...deliveryIds])
        .whereIn('verdict', ['deployed', 'folded'])
    ).map((row) => `${row.delivery_id} ${row.site_id}`),
  )

/** Newest first. */
export const refusedSince = (
  tx: TeamTx,
  { since, repositoryKey, limit }: { since: Date; repositoryKey: string | null; limit: number },
): Promise<RefusedDeliveriesRow[]> =>
  tx
    .db('refused_deliveries')
    .select('team_id', 'host', 'repository_key', 'why', 'hour', 'count', 'last_at')
    .where({ team_id: tx.ctx.team.id })
    .where('hour', '>=', since)
    .where(repositoryKey === null ? {} : { repository_key: repositoryKey })
    .orderBy('last_at', 'desc')
    .limit(limit)

/** Sites to ask after, taken: whoever takes them next finds them later. */
export async function takeDue(
  db: System,
  now: Date,
  nextAt: Date,
  limit: number,
): Promise<Pick<SitesRow, 'id' | 'team_id'>[]> {
  const due = db('sites')
    .select('id')
    .where({ auto_deploy: true })
    .whereNull('delete_requested_at')
    .whereIn('state', ['active', 'inactive'])
    .where((when) => when.whereNull('reconcile_at').orWhere('reconcile_at', '<=', now))
    .orderByRaw('reconcile_at nulls first')
    .limit(limit)
    .forUpdate()
    .skipLocked()
  return db('sites').whereIn('id', due).update({ reconcile_at: nextAt }).returning(['id', 'team_id'])
}

export const siteOfHook = (db: System, hash: Buffer): Promise<Pick<SitesRow, 'slug' | 'team_id'> | undefined> =>
  db('sites').select('slug', 'team_id').where({ deploy_hook_hash: hash }).first()
