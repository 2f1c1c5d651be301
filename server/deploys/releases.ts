import type { TeamTx } from '../platform/access/ctx.js'
import type { ReleasesRow, SitesRow } from '../platform/db/tables.js'
import { newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import { openEnvironment, takeReleaseNumber } from '../sites/sites.js'
import * as queries from './queries.js'
import { ReleaseSettings, settingsOf } from './release-settings.js'

/** A release is a build with the settings and the environment that it was made for; together they can be started again. */
export interface Release {
  row: ReleasesRow
  settings: ReleaseSettings
  environment: ReleaseVariable[]
}

interface ReleaseVariable {
  key: string
  kind: 'run' | 'build' | 'both'
  isSecret: boolean
  value: Secret
}

interface SourceCommit {
  sha: string
  subject: string
  author: string
  date: Date
}

const sealedAt = (id: string) => ({ table: 'releases', id, column: 'environment_sealed' })

/** Writes down what is about to be built: the commit, and the site's settings and environment of this moment. */
export async function createRelease(tx: TeamTx, site: SitesRow, commit: SourceCommit): Promise<string> {
  const { vault } = tx.ctx.services
  const id = newId()
  const environment = await openEnvironment(tx, site.id)
  const opened = environment.map(({ value, ...variable }) => ({ ...variable, value: value.reveal() }))

  await queries.insertRelease(tx, {
    id,
    team_id: site.team_id,
    site_id: site.id,
    number: await takeReleaseNumber(tx, site.id),
    commit_sha: commit.sha,
    commit_subject: commit.subject,
    commit_author: commit.author,
    committed_at: commit.date,
    runtime: site.runtime,
    stack: site.stack,
    node_version: null,
    settings: JSON.stringify(settingsOf(site)),
    environment_sealed: vault.seal(new Secret(JSON.stringify(opened)), sealedAt(id)),
    environment_digests: JSON.stringify(digests(tx, site.id, environment)),
    state: 'building',
    created_at: tx.ctx.now(),
  })
  return id
}

/** What tells that a value changed, without the value. */
const digests = (tx: TeamTx, siteId: string, environment: readonly ReleaseVariable[]): Record<string, string> =>
  Object.fromEntries(
    environment.map(({ key, value }) => [key, tx.ctx.services.vault.digest(value, siteId).toString('base64url')]),
  )

export async function openRelease(tx: TeamTx, id: string): Promise<Release> {
  const row = await queries.maybeRelease(tx, id)
  if (!row) throw new Error(`The release ${id} is gone`)
  const box = tx.ctx.services.vault.open(row.environment_sealed, sealedAt(id))
  const environment = JSON.parse(box.reveal()) as (Omit<ReleaseVariable, 'value'> & { value: string })[]
  return {
    row,
    settings: ReleaseSettings.parse(row.settings),
    environment: environment.map(({ value, ...variable }) => ({ ...variable, value: new Secret(value) })),
  }
}

/** The part of the environment that is there in one phase. */
export const environmentFor = (release: Release, phase: 'run' | 'build'): Record<string, Secret> =>
  Object.fromEntries(
    release.environment.filter(({ kind }) => kind === phase || kind === 'both').map(({ key, value }) => [key, value]),
  )
