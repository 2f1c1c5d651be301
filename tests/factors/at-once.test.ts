import { generateSync } from 'otplib'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { beginApp, confirmApp } from '../../server/factors/apps.js'
import type { TransactionOf } from '../../server/platform/db/doors.js'
import { endAllSessions, lockUser } from '../../server/sessions/sessions.js'
import { actorOf, maybeUser } from '../../server/users/users.js'
import { authenticator } from '../support/authenticator.js'
import { withApp } from '../support/factors.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

describe('changing a second factor while somebody else changes how the person signs in', () => {
  let w: PanelWorld

  beforeAll(async () => {
    w = await panelWorld()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  const waiting = async () =>
    w.test.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
  /** Both have begun, `first` with `before`, and goes on while `second` waits for it. */
  async function meanwhile<T>(
    first: (db: TransactionOf<'identity'>) => Promise<unknown>,
    second: () => Promise<T>,
    before: (db: TransactionOf<'identity'>) => Promise<unknown> = async () => undefined,
  ): Promise<T> {
    let asked: Promise<T> | undefined
    await w.services.db.asIdentity(async (db) => {
      await lockUser(db, w.people.owner.id)
      await before(db)
      asked = second()
      await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 10_000 })
      await first(db)
    })
    // `as`: given before the transaction ended.
    return asked as Promise<T>
  }
  const endSessions = async (db: TransactionOf<'identity'>) => {
    const user = await maybeUser(db, w.people.owner.id)
    if (!user) throw new Error('The owner is gone')
    await endAllSessions(db, user, { actor: actorOf(user), address: null }, w.clock.now())
  }
  const browserOf = async () => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/sign-in')
    return browser
  }

  it('SE-03: adds a passkey, and neither waits for the other', async () => {
    await withApp(w, 'owner')
    await w.test.query('update sessions set password_proved_at = $1, factor_proved_at = $1', [w.clock.now()])
    const browser = await browserOf()
    const challenge = JSON.parse((await browser.post('/profile/sign-in/passkey-challenges', {})).text)
    const response = authenticator().make(challenge)

    const answer = await meanwhile(endSessions, () =>
      browser.post('/profile/sign-in/passkeys', { name: 'Key', response }),
    )

    expect(answer.status).toBeLessThan(500)
  })

  it('SE-03: confirms another app, and neither waits for the other', async () => {
    await withApp(w, 'owner')
    const ctx = await w.personCtx('owner')
    const secret = (await beginApp(ctx)).secret.replaceAll(' ', '')
    const code = generateSync({ secret, epoch: Math.floor(w.clock.now().getTime() / 1000) })

    expect(await meanwhile(endSessions, () => confirmApp(ctx, code))).toBeNull()
  })

  it.each([
    ['before it is looked at', true],
    ['once it is checked', false],
  ])('MF-06: signs nobody in by a passkey that is removed %s', async (_when, isEarly) => {
    const owner = await browserOf()
    const key = authenticator()
    const response = key.make(JSON.parse((await owner.post('/profile/sign-in/passkey-challenges', {})).text))
    expect((await owner.post('/profile/sign-in/passkeys', { name: 'Key', response })).status).toBe(200)
    const browser = w.panel.browser()
    await browser.get('/sign-in')
    const used = key.use(JSON.parse((await browser.post('/sign-in/passkey-challenges', {})).text))
    const remove = async (db: TransactionOf<'identity'>) => void (await db('passkeys').delete())

    const answer = isEarly
      ? await meanwhile(
          async () => undefined,
          () => browser.post('/sign-in/passkey', { response: used }),
          remove,
        )
      : await meanwhile(remove, () => browser.post('/sign-in/passkey', { response: used }))

    expect(answer.status).toBe(422)
    expect((await browser.get('/profile')).status).toBe(303)
  })
})
