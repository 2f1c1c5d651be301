import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Database } from '../platform/db/doors.js'
import { newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { anchorText, printedKey } from './anchor-text.js'
import * as queries from './queries.js'

/** What a job does every hour: today's anchor, once, and then whatever has not left the machine yet. */
export async function anchorEvents(services: Services): Promise<void> {
  await makeAnchor(services)
  const { folder, email } = services.config.anchors ?? {}
  if (email) await mailAnchors(services, email)
  if (folder) await writeAnchors(services, folder)
}

/** The key that others check anchors with, made when it is first asked for. */
export async function anchorPublicKey(services: Services): Promise<string> {
  return (await ensureKey(services)).public_key
}

async function makeAnchor(services: Services): Promise<void> {
  const { db, clock, config } = services
  const day = clock().toISOString().slice(0, 10)
  if (await db.asSystem((trx) => queries.hasAnchor(trx, day))) return
  if (!(await db.asSystem((trx) => queries.hasHeads(trx)))) return
  const key = await privateKey(services)
  await db.asSystem(async (trx) => {
    const heads = (await queries.allHeads(trx)).map((head) => ({
      ...{ teamId: head.team_id, sequence: head.sequence, hash: head.hash.toString('hex'), at: head.at.toISOString() },
      ...{ first: head.first, firstAt: head.first_at.toISOString() },
    }))
    const text = anchorText(day, config.baseUrl.origin, heads, key)
    await queries.insertAnchor(trx, { day, text, made_at: clock() })
  })
}

/** Into the outbox: what cannot be sent now is sent later, and the page of mails tells of it. */
async function mailAnchors({ db, mail, clock }: Services, to: string): Promise<void> {
  for (const { day, text } of await db.asSystem((trx) => queries.anchorsWithout(trx, 'mailed_at', mostAtOnce)))
    await db.asSystem(async (trx) => {
      await mail.sendMail(trx, { to, view: 'event-anchor', data: { day, text }, key: `event-anchor-${day}` }, clock())
      await queries.markAnchor(trx, day, { mailed_at: clock() })
    })
}

/** A folder that cannot be written to is tried again in an hour; the anchors wait. */
async function writeAnchors({ db, clock }: Services, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { day, text } of await db.asSystem((trx) => queries.anchorsWithout(trx, 'written_at', mostAtOnce))) {
    const file = path.join(folder, fileName(day))
    // Whole or not at all, also when the disk fills up.
    await writeFile(`${file}.part`, text, { mode: 0o644 })
    await rename(`${file}.part`, file)
    await db.asSystem((trx) => queries.markAnchor(trx, day, { written_at: clock() }))
  }
}

const mostAtOnce = 400
const fileName = (day: string): string => `events-${day}.anchor`

async function privateKey(services: Services): Promise<KeyObject> {
  const row = await ensureKey(services)
  return createPrivateKey(services.vault.open(row.private_sealed, placeOf(row.id)).reveal())
}

async function ensureKey({ db, vault, clock }: Services) {
  const row = (await keyOf(db)) ?? (await makeKey())
  if (!row) throw new Error('The key for anchors was not kept')
  return row

  async function makeKey() {
    const { publicKey, privateKey: key } = generateKeyPairSync('ed25519')
    const id = newId()
    const pem = new Secret(key.export({ format: 'pem', type: 'pkcs8' }).toString())
    const made = {
      id,
      public_key: printedKey(publicKey),
      private_sealed: vault.seal(pem, placeOf(id)),
      made_at: clock(),
    }
    await db.asSystem((trx) => queries.insertAnchorKey(trx, made))
    return keyOf(db)
  }
}

const keyOf = (db: Database) => db.asSystem((trx) => queries.maybeAnchorKey(trx))

const placeOf = (id: string) => ({ table: 'anchor_keys', id, column: 'private_sealed' })
