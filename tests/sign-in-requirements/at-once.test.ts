import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { removeConnection } from '../../server/sign-in-connections/sign-in-connections.js'
import { requireSignIn } from '../../server/sign-in-requirements/sign-in-requirements.js'
import { lockTeam } from '../../server/teams/teams.js'
import { type World, world } from '../support/people.js'

describe('requiring a team’s sign-in while its connections are removed', () => {
  let w: World
  let one: string
  let two: string

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(async () => {
    await w.reset()
    ;[one, two] = [await connected('One'), await connected('Two')]
  })
  afterAll(() => w.close())

  async function connected(name: string): Promise<string> {
    const id = randomUUID()
    await w.test.query(
      `insert into sign_in_connections (id, team_id, kind, name, created_by, created_at)
       values ($1, $2, 'oidc', $3, 'Owner', now())`,
      [id, w.acme.id, name],
    )
    await w.test.query(
      `insert into oidc_settings (connection_id, team_id, issuer, client_id, client_secret_sealed, metadata, metadata_at)
       values ($1, $2, 'https://idp.example.com', 'hostler', 'x', '{}', now())`,
      [id, w.acme.id],
    )
    return id
  }
  /** All of them have come as far as they come while somebody else holds the team; those who wait go on in this order. */
  async function atOnce(...acts: (() => Promise<unknown>)[]) {
    let answers: Promise<PromiseSettledResult<unknown>[]> | undefined
    await w.services.db.asIdentity(async (db) => {
      await lockTeam(db, w.acme.id)
      const begun: Promise<unknown>[] = []
      for (const act of acts) {
        begun.push(act())
        answers = Promise.allSettled(begun)
        await vi.waitFor(async () => expect(await waiting()).toBe(begun.length), { timeout: 10_000 })
      }
    })
    return (await answers) ?? []
  }
  const waiting = async () =>
    (
      await w.test.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).length

  it('SO-06: leaves one of two of which any will do, though both are removed at once', async () => {
    const ctx = await w.ctx('owner')
    await w.test.query(
      `insert into sign_in_requirements (team_id, created_by, created_at) values ($1, 'Owner', now())`,
      [w.acme.id],
    )

    const answers = await atOnce(
      () => removeConnection(ctx, one),
      () => removeConnection(ctx, two),
    )

    expect(answers).toMatchObject([{ status: 'fulfilled' }, { reason: { status: 409 } }])
  })

  it('SO-06: requires none that is removed meanwhile', async () => {
    const { owner, admin } = w.people
    const ctx = await w.ctx('admin')
    await w.test.query('update sessions set connection_id = $1 where user_id = $2', [one, admin.id])
    await w.test.query(
      `insert into authenticator_apps (id, user_id, secret_sealed, confirmed_at, created_at) values ($1, $1, 'x', now(), now())`,
      [owner.id],
    )
    const session = admin.cookie.split('=')[1]
    const require_ = () => requireSignIn(ctx, session, { requires: one, breakGlass: owner.id })

    const answers = await atOnce(() => removeConnection(ctx, one), require_)

    expect(answers).toMatchObject([{ status: 'fulfilled' }, { reason: { status: 404 } }])
  })
})
