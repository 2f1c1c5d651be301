import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTeam, membersOf, teamsOf } from '../../server/teams/teams.js'
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
    expect(Object.keys(members[0] ?? {})).toEqual(['id', 'name', 'email', 'role', 'since'])
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
})
