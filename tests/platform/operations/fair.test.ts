import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TeamCtx } from '../../../server/platform/access/ctx.js'
import { newId } from '../../../server/platform/ids.js'
import { dueOperations } from '../../../server/platform/operations/lease-queries.js'
import { requestOperation } from '../../../server/platform/operations/request.js'
import { type TestServices, testServices } from '../../support/services.js'
import { eventually } from '../../support/sites.js'
import { toy, toyEngine } from '../../support/toy-operation.js'

let test: TestServices
beforeAll(async () => {
  test = await testServices()
  Object.assign(test.services, { config: { ...test.services.config, teamOperations: 2 } })
})
afterAll(() => test.close())
beforeEach(() => test.database.query('delete from operations'))

async function otherTeam(): Promise<TeamCtx> {
  const team = { id: newId(), slug: `team-${newId()}`, name: 'Other' }
  await test.database.query('insert into teams values ($1, $2, $3, now())', [team.id, team.slug, team.name])
  return TeamCtx.system(test.services, team)
}

const ask = (ctx: TeamCtx) =>
  ctx.transaction((tx) =>
    requestOperation(tx, toy, { input: { thingId: newId() }, subject: `thing:${newId()}`, title: 'Toy' }),
  )

describe('the places of the workers', () => {
  it('are not all taken by one team: what is above its share waits, and another team’s runs', async () => {
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const engine = toyEngine(test, { prepare: () => held, deadlineMs: 20_000 })
    const ids = [await engine.request(), await engine.request(), await engine.request()]
    const theirs = await ask(await otherTeam())

    const running = () => test.database.query<{ id: string }>("select id from operations where status = 'running'")
    const runs = ids.slice(0, 2).map((id) => engine.run(id))
    await eventually('the share to be full', async () => (await running()).length === 2)
    await engine.run(ids[2] ?? '')
    runs.push(engine.run(theirs))
    await eventually('the other team’s to run', async () => (await running()).some(({ id }) => id === theirs))

    expect((await engine.row(ids[2] ?? ''))?.status).toBe('queued')
    letGo()
    await Promise.all(runs)
    await engine.run(ids[2] ?? '')
    expect((await engine.row(ids[2] ?? ''))?.status).toBe('succeeded')
  })

  it('are offered to each team in turn', async () => {
    const [one, other] = [await otherTeam(), await otherTeam()]
    const many = [await ask(one), await ask(one), await ask(one)]
    const alone = await ask(other)

    const due = await test.services.db.asSystem((db) => dueOperations(db, 2, 30))

    expect(due.map(({ id }) => id)).toEqual([many[0], alone])
  })
})
