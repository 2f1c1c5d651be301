import type { Host } from '../../../platform/ssh/host.js'
import { ensureFile, ensureFiles } from '../files.js'
import type { Front } from '../front.js'
import { type AdminDoor, readConfig } from './admin.js'
import { idOf, isOurs } from './ids.js'
import { type Json, valueAt } from './json.js'
import { certificatesPath } from './own-certificates.js'
import { logPath, type Scheme, serverAt } from './web.js'

/**
 * What a Caddy that starts anew is given back of the names, by `caddy-restore.sh`: files `<n>.<id>.json` beside `<n>.<id>.path`, which
 * says where in the configuration each belongs.
 */
export const webFolder = (host: Host): string => `${host.root}/caddy/web`

export async function saveWeb(host: Host, door: AdminDoor): Promise<void> {
  const { config } = await readConfig(host, door)
  const files = savedParts(config).flatMap(({ id, path, value }, index): [string, string][] => [
    [`${10_000 + index}.${id}.json`, JSON.stringify(value)],
    [`${10_000 + index}.${id}.path`, path],
  ])
  await ensureFiles(host, webFolder(host), new Map(files), () => true)
}

interface Part {
  id: string
  path: string
  value: Json
}

/** Certificates and policies first, so that nobody else is asked for one. Each goes to the front of a list, so the last one comes first. */
export function savedParts(config: Json): Part[] {
  const policies = ours(config, ['apps', 'tls', 'automation', 'policies'])
  const log = valueAt(config, logPath)
  return [
    ...(log === undefined ? [] : [{ id: 'log', path: logPath.join('/'), value: log }]),
    ...ours(config, certificatesPath).map((value) => ({
      id: idOf(value),
      path: `${certificatesPath.join('/')}/0`,
      value,
    })),
    ...policies.map((value) => ({ id: idOf(value), path: 'apps/tls/automation/policies/0', value })),
    ...(['http', 'https'] as const).flatMap((scheme) => partsOf(config, scheme)),
  ]
}

function partsOf(config: Json, scheme: Scheme): Part[] {
  const at = serverAt(config, scheme)
  if (at === null) return []
  const path = ['apps', 'http', 'servers', at.name]
  if (at.isOurs) return [{ id: 'server', path: path.join('/'), value: valueAt(config, path) ?? null }]
  return ours(config, [...path, 'routes']).map((value) => ({
    id: idOf(value),
    path: `${path.join('/')}/routes/0`,
    value,
  }))
}

function ours(config: Json, path: readonly string[]): Json[] {
  const listed = valueAt(config, path)
  return Array.isArray(listed) ? (listed as readonly Json[]).filter(isOurs).reverse() : [] // `as`: Array.isArray widens it
}

/** Who makes certificates may have one that no machine trusts by itself. Returns the file, also where there is none to write. */
export async function saveAcmeRoot(host: Host, { acme }: Front): Promise<string> {
  const file = `${host.root}/caddy/acme-root.pem`
  if (acme?.rootPem) await ensureFile(host, file, acme.rootPem)
  return file
}
