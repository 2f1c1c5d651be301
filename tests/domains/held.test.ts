import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addDomain } from '../../server/domains/domains.js'
import { claimName } from '../../server/domains/held.js'
import { NewDomain } from '../../server/domains/schema.js'
import { makeServer, makeSite } from '../support/make.js'
import { type Name, type World, world } from '../support/people.js'

let w: World
beforeAll(async () => {
  w = await world()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.test.query('delete from sites')
  await w.test.query('delete from servers')
  await w.reset()
  for (const team of [w.acme, w.rival]) {
    const server = await makeServer(w.test, team)
    await makeSite(w.test, server, team, { slug: 'shop', edge: 'caddy' })
  }
})

const add = async (who: Name, name: string) => addDomain(await w.ctx(who), 'shop', NewDomain.parse({ name }))
const prove = async (domain: Awaited<ReturnType<typeof add>>) => claimName(w.services, domain, 'dns')
const held = async () =>
  (await w.test.query<{ name: string }>('select name from domains where verified_at is not null')).map(
    ({ name }) => name,
  )

describe('RC-04: a name over all teams', () => {
  it.each([
    ['www.example.com', 'WWW.Example.COM'],
    ['www.example.com', 'www.example.com.'],
    ['xn--bcher-kva.example', 'BÜCHER.example'],
    ['*.example.com', 'www.example.com'],
    ['www.example.com', '*.example.com'],
  ])('proven as %s cannot be had as %s by another team, and it is not said whose it is', async (theirs, spelling) => {
    await prove(await add('stranger', theirs))

    const refused = add('developer', spelling)

    await expect(refused).rejects.toMatchObject({ status: 422, field: 'name' })
    await expect(refused).rejects.toThrow(/in use on this panel/)
    await expect(refused).rejects.not.toThrow(/Rival|rival/)
  })

  it('is not kept from its owner by who only wrote it down', async () => {
    const theirs = await add('stranger', 'www.example.com')
    const own = await add('developer', 'www.example.com')

    expect(await prove(own)).toBe('held')
    expect(await prove(theirs)).toBe('taken')
    expect(await held()).toEqual(['www.example.com'])
    const [row] = await w.test.query('select team_id from domains where verified_at is not null')
    expect(row).toEqual({ team_id: w.acme.id })
  })

  it('is one team’s when both prove it in the same moment, also by a wildcard', async () => {
    for (const [one, other] of [
      ['www.example.com', 'www.example.com'],
      ['*.example.net', 'www.example.net'],
    ] as const) {
      const rows = [await add('developer', one), await add('stranger', other)]

      const claims = await Promise.all(rows.flatMap((row) => [prove(row), prove(row), prove(row)]))

      expect(claims.filter((claim) => claim === 'held')).toHaveLength(1)
      expect(claims.filter((claim) => claim === 'taken')).toHaveLength(3)
    }
  })

  it('stands beside other names of the same parent', async () => {
    for (const [who, name] of [
      ['developer', 'www.example.com'],
      ['stranger', 'api.example.com'],
      ['developer', 'example.com'],
      ['stranger', '*.api.example.com'],
    ] as const)
      expect(await prove(await add(who, name)), name).toBe('held')
  })

  it('is free again once it was removed', async () => {
    await prove(await add('stranger', 'www.example.com'))
    await w.test.query('delete from domains')

    expect(await prove(await add('developer', 'www.example.com'))).toBe('held')
  })

  it('is proven once, with one event of that', async () => {
    const own = await add('developer', 'www.example.com')

    expect([await prove(own), await prove(own)]).toEqual(['held', 'gone'])
    const events = await w.test.query("select type, data from events where type = 'domain.verified'")
    expect(events).toEqual([{ type: 'domain.verified', data: { domain: 'www.example.com', by: 'dns' } }])
  })

  it('is refused by the database itself when all else has let it through', async () => {
    await prove(await add('developer', 'www.example.com'))
    const twice = w.test.query(
      `insert into domains (id, team_id, site_id, name, parent, role, token, verified_at, check_due_at, created_at)
       select gen_random_uuid(), team_id, id, 'www.example.com', 'example.com', 'serve', '', now(), now(), now()
       from sites where team_id = $1`,
      [w.rival.id],
    )

    await expect(twice).rejects.toThrow(/domains_held/)
  })
})
