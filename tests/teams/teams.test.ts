import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTeam, membersOf, newTeam, renameTeam, teamsOf } from '../../server/teams/teams.js'
import { maybeUser } from '../../server/users/users.js'
import { type World, world } from '../support/people.js'

describe('teams', () => {
  let w: World

  beforeAll(async () => {
    w = await world()
  })
  afterAll(() => w.close())

  it('lists who is in the team, with roles, and nobody else', async () => {
    const members = await membersOf(await w.ctx('viewer'))

    expect(members.map(({ name, role }) => [name, role])).toEqual([
      ['Admin', 'admin'],
      ['Billing', 'billing'],
      ['Client', null],
      ['Developer', 'developer'],
      ['Owner', 'owner'],
      ['Viewer', 'viewer'],
    ])
    expect(Object.keys(members[0] ?? {})).toEqual(['id', 'name', 'email', 'role', 'since', 'isSuspended'])
  })

  it('tells a person their teams, and a key its one', async () => {
    const { people } = w
    const slugs = async (actor: Parameters<typeof teamsOf>[1]) =>
      (await teamsOf(w.services, actor)).map((team) => team.slug)
    const [key] = await w.test.query<{ id: string }>('select id from api_keys where created_by = $1', [people.owner.id])

    expect(await slugs({ kind: 'user', id: people.owner.id, name: '' })).toEqual(['acme'])
    expect(await slugs({ kind: 'user', id: people.operator.id, name: '' })).toEqual([])
    expect(await slugs({ kind: 'api-key', id: key?.id ?? '', name: '' })).toEqual(['acme'])
  })

  it('gives a team whose name is taken a slug of its own', async () => {
    const made = await w.services.db.asIdentity(async (db) => {
      const owner = await maybeUser(db, w.people.stranger.id)
      if (!owner) throw new Error('nobody')
      return [await createTeam(db, owner, 'Acme', w.clock.now()), await createTeam(db, owner, 'ACME', w.clock.now())]
    })

    expect(made.map((team) => team.slug)).toEqual(['acme-2', 'acme-3'])
  })

  it('is made by whoever is signed in, who owns it', async () => {
    const team = await newTeam(await w.personCtx('viewer'), 'New')

    expect(team.slug).toBe('new')
    const teams = await teamsOf(w.services, { kind: 'user', id: w.people.viewer.id, name: '' })
    expect(teams).toMatchObject([
      { slug: 'acme', role: 'viewer' },
      { slug: 'new', role: 'owner' },
    ])
  })

  it('RL-04: is not made by who owns twenty, also not by twenty-one requests at once', async () => {
    const ctx = await w.personCtx('billing')

    const answers = await Promise.allSettled(
      Array.from({ length: 24 }, (_, number) => newTeam(ctx, `Billing ${number}`)),
    )

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 409 } })
  })

  it('is renamed and keeps its address', async () => {
    const ctx = await w.ctx('admin')
    await renameTeam(ctx, 'Acme and sons')
    await renameTeam(ctx, 'Acme and sons')

    expect(await w.ctx('viewer')).toMatchObject({ team: { slug: 'acme', name: 'Acme and sons' } })
    const events = await w.test.query("select data from events where type = 'team.renamed'")
    expect(events).toMatchObject([{ data: { from: 'Acme', name: 'Acme and sons' } }])
  })
})
