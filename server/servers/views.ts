import type { z } from 'zod'
import type { ServerReadingsRow } from '../platform/db/tables.js'
import { parseHostKey } from '../platform/ssh/host-key.js'
import { CheckItem, checklistOf } from './checklist.js'
import { Facts } from './facts.js'
import type { ServerRow } from './queries.js'
import type { ServerOutput } from './schema.js'

/** A server as pages and the API show it. Columns of JSON were written by us, and are parsed like anything else. */
export function serverView(row: ServerRow): z.input<typeof ServerOutput> {
  const checklist = CheckItem.array().safeParse(row.checklist)
  const facts = Facts.safeParse(row.facts)
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    kind: row.kind,
    address: row.address,
    port: row.port,
    user: row.username,
    root: row.root,
    publicKey: row.public_key,
    hostKeyFingerprint: row.host_key_fingerprint,
    hostKeyChangedTo: row.host_key_changed_to && parseHostKey(row.host_key_changed_to).fingerprint,
    runtime: row.runtime,
    edge: row.edge,
    status: row.status,
    statusMessage: row.status_message,
    checklist: checklistOf(row.kind, checklist.data ?? []),
    facts: facts.data ?? null,
    checkedAt: row.checked_at,
    seenAt: row.seen_at,
    createdAt: row.created_at,
  }
}

export const readingView = (row: ServerReadingsRow) => ({
  at: row.at,
  cpuPercent: Math.round(row.cpu_percent * 10) / 10,
  memoryUsedBytes: row.memory_used_bytes,
  memoryTotalBytes: row.memory_total_bytes,
  memoryPercent: percent(row.memory_used_bytes, row.memory_total_bytes),
  diskUsedBytes: row.disk_used_bytes,
  diskTotalBytes: row.disk_total_bytes,
  diskPercent: percent(row.disk_used_bytes, row.disk_total_bytes),
  load: Math.round(row.load_1m * 100) / 100,
})

const percent = (part: number, whole: number): number => (whole > 0 ? Math.round((1000 * part) / whole) / 10 : 0)
