import { type Command, cmd, either } from '../../../platform/shell/command.js'
import type { Scripts } from '../../../platform/ssh/scripts.js'
import type { SitePlace } from '../runtime.js'

export const makeSitePlace = (scripts: Scripts, place: SitePlace, root: string): Command =>
  cmd('sh', scripts('site-user.sh'), place.user, place.folder, root)

export const removeSitePlace = (scripts: Scripts, place: SitePlace, root: string): Command =>
  cmd('sh', scripts('remove-site.sh'), place.user, place.folder, root)

export const takeSource = (scripts: Scripts, plan: { source: string; release: string; user: string }): Command =>
  cmd('sh', scripts('take-source.sh'), plan.source, plan.release, plan.user)

/** Owners and modes for the files that were just put into a job's folder. */
export const settle = (scripts: Scripts, folder: string): Command => cmd('sh', scripts('settle.sh'), folder)

/** Whether it is a folder. */
export const isFolder = (folder: string): Command => cmd('test', '-d', folder)

export const runJob = (folder: string): Command => cmd('sh', `${folder}/start`)

export const start = (scripts: Scripts, folder: string): Command => cmd('sh', scripts('supervisor.sh'), 'start', folder)

export const stop = (scripts: Scripts, folder: string, drainSeconds: number): Command =>
  cmd('sh', scripts('supervisor.sh'), 'stop', folder, drainSeconds)

export const observe = (scripts: Scripts, folder: string, lines: number): Command =>
  cmd('sh', scripts('supervisor.sh'), 'observe', folder, lines)

export const logs = (
  scripts: Scripts,
  folder: string,
  { lines, follow }: { lines: number; follow: boolean },
): Command => cmd('sh', scripts('supervisor.sh'), 'logs', folder, lines, follow ? 'yes' : 'no')

export const remove = (scripts: Scripts, folder: string, drainSeconds = 0): Command =>
  cmd('sh', scripts('supervisor.sh'), 'remove', folder, drainSeconds)

export const removeFolder = (folder: string): Command => cmd('rm', '-rf', '--', folder)

/** One name a line; nothing for a folder that is not there. */
export const listFolder = (folder: string): Command =>
  either(cmd('find', folder, '-mindepth', '1', '-maxdepth', '1', '-printf', '%f\\n'), cmd('true'))

/** The same for several, with their paths. */
export const listFolders = (folders: readonly string[]): Command =>
  either(cmd('find', ...folders, '-mindepth', '1', '-maxdepth', '1', '-printf', '%p\\n'), cmd('true'))
