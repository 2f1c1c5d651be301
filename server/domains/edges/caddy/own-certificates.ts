import { createHash } from 'node:crypto'
import { type Command, cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import type { Front } from '../front.js'
import { isObject, type Json, valueAt, withoutValue, withValue } from './json.js'

/**
 * Certificates that people brought, as files of which Caddy's user alone can read the keys: in its configuration they are paths, since whoever
 * reaches its admin API reads that. A file is named by what is in it, so that another one is another path, which Caddy reads anew.
 */
export interface CertificateFiles {
  id: string
  certificate: string
  key: string
}

const timeoutMs = 15_000
export const certificatesPath = ['apps', 'tls', 'certificates', 'load_files']

const folderOf = (host: Host, siteId: string): string => `${host.root}/caddy/certificates/${siteId}`

/** @param giveAway has Caddy's user own a file */
export async function saveCertificates(
  host: Host,
  siteId: string,
  { certificates }: Front,
  giveAway: (file: string) => Command,
): Promise<CertificateFiles[]> {
  const folder = folderOf(host, siteId)
  if (certificates.length > 0) await host.run(cmd('mkdir', '-p', '--', folder), { timeoutMs })
  const saved: CertificateFiles[] = []
  for (const { id, chain, key } of certificates) {
    const name = `${folder}/${id}-${createHash('sha256').update(chain).digest('hex').slice(0, 16)}`
    const files = { id, certificate: `${name}.crt`, key: `${name}.key` }
    if ((await host.status(cmd('test', '-f', files.key), { timeoutMs })) !== 0) {
      await host.upload(files.certificate, chain, 0o644)
      await host.upload(files.key, key, 0o600)
    }
    // Also where an earlier run got no further.
    await host.run(giveAway(files.key), { timeoutMs })
    saved.push(files)
  }
  return saved
}

/** Once Caddy reads them no more. */
export async function removeOtherCertificates(
  host: Host,
  siteId: string,
  kept: readonly CertificateFiles[],
): Promise<void> {
  const folder = folderOf(host, siteId)
  if (kept.length === 0) return host.run(forgetCertificates(host, siteId), { timeoutMs })
  const wanted = new Set(kept.flatMap(({ certificate, key }) => [certificate, key]))
  const listed = (await host.capture(cmd('ls', '-A', '--', folder), { timeoutMs })).split('\n').filter(Boolean)
  const others = listed.map((name) => `${folder}/${name}`).filter((file) => !wanted.has(file))
  if (others.length > 0) await host.run(cmd('rm', '-f', '--', ...others), { timeoutMs })
}

export const forgetCertificates = (host: Host, siteId: string): Command =>
  cmd('rm', '-rf', '--', folderOf(host, siteId))

export const hasCertificates = (config: Json, siteId: string): boolean => present(config).some(isOf(siteId))

/** Beside those of others. */
export function withCertificates(config: Json, siteId: string, files: readonly CertificateFiles[]): Json {
  const before = present(config)
  const others = before.filter((one) => !isOf(siteId)(one))
  if (files.length === 0 && others.length === before.length) return config
  const ours = files.map(({ id, certificate, key }) => ({ '@id': `${markOf(siteId)}${id}`, certificate, key }))
  const all = [...ours, ...others]
  return all.length === 0 ? withoutValue(config, certificatesPath) : withValue(config, certificatesPath, all)
}

function present(config: Json): readonly Json[] {
  const listed = valueAt(config, certificatesPath)
  return Array.isArray(listed) ? (listed as readonly Json[]) : [] // `as`: Array.isArray widens it
}

/** The dot ends the site's id, whatever that is. */
const markOf = (siteId: string): string => `hostler-certificate-${siteId}.`

const isOf =
  (siteId: string) =>
  (one: Json): boolean =>
    isObject(one) && String(one['@id'] ?? '').startsWith(markOf(siteId))
