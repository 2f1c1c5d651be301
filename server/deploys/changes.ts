import type { TeamCtx } from '../platform/access/ctx.js'
import type { ReleasesRow } from '../platform/db/tables.js'
import { ReleaseSettings } from './release-settings.js'

/** What changed between two releases, apart from the commits. Values of the environment are never shown, only that they differ. */

export interface KeyChange {
  key: string
  change: 'added' | 'removed' | 'changed'
}

/** Null for who may not read variables: their names are theirs as well. */
export function environmentChanges(ctx: TeamCtx, from: ReleasesRow, to: ReleasesRow): KeyChange[] | null {
  return ctx.may('environment:read', from.site_id) ? compareDigests(digestsOf(from), digestsOf(to)) : null
}

export function compareDigests(before: Record<string, string>, after: Record<string, string>): KeyChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys.flatMap((key): KeyChange[] => {
    if (!Object.hasOwn(before, key)) return [{ key, change: 'added' }]
    if (!Object.hasOwn(after, key)) return [{ key, change: 'removed' }]
    return before[key] === after[key] ? [] : [{ key, change: 'changed' }]
  })
}

export interface SettingChange {
  name: string
  from: string | null
  to: string | null
}

export function settingChanges(from: ReleasesRow, to: ReleasesRow): SettingChange[] {
  const before = { ...ReleaseSettings.parse(from.settings), 'Node version in use': from.node_version }
  return differences(before, { ...ReleaseSettings.parse(to.settings), 'Node version in use': to.node_version })
}

/** Between a release and the settings of the site as they are now. */
export const settingsDiffer = (release: unknown, now: ReleaseSettings): SettingChange[] =>
  differences(ReleaseSettings.parse(release), now)

const differences = (before: Record<string, unknown>, after: Record<string, unknown>): SettingChange[] =>
  Object.keys(before)
    .map((name) => ({ name, from: text(before, name), to: text(after, name) }))
    .filter((change) => change.from !== change.to)
    .map((change) => ({ ...change, name: change.name.replaceAll('_', ' ') }))

const text = (settings: Record<string, unknown>, name: string): string | null => {
  const value = settings[name]
  return value === null || value === undefined ? null : String(value)
}

/** Written by `createRelease`: key to a keyed hash of its value. */
export const digestsOf = (release: ReleasesRow): Record<string, string> =>
  release.environment_digests as Record<string, string>
