import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runOperationHandler } from '../../../jobs/run-operation.js'
import { TeamCtx, type TeamTx } from '../../../server/platform/access/ctx.js'
import { newId } from '../../../server/platform/ids.js'
import { dueOperations } from '../../../server/platform/operations/lease-queries.js'
import { requestOperation } from '../../../server/platform/operations/request.js'
import { bullClasses } from '../../../server/platform/queue/backend.js'
import { startWorkers } from '../../../server/platform/queue/worker.js'
import { type TestServices, testServices } from '../../support/services.js'
import { eventually } from '../../support/sites.js'
import { toy, toyEngine } from '../../support/toy-operation.js'

let test: TestServices
beforeAll(async () => {
  test = await testServices()
})
afterAll(() => test.close())
beforeEach(async () => {
  limitTeams(1000)
  await test.database.query('delete from operations')
})

const limitTeams = (teamOperations: number) =>
  Object.assign(test.services, { config: { ...test.services.config, teamOperations } })

async function otherTeam(): Promise<TeamCtx> {
  const team = { id: newId(), slug: `team-${newId()}`, name: 'Other' }
  await test.database.query('insert into teams values ($1, $2, $3, now())', [team.id, team.slug, team.name])
  return TeamCtx.system(test.services, team)
}

const askIn = (tx: TeamTx) =>
  requestOperation(tx, toy, { input: { thingId: newId() }, subject: `thing:${newId()}`, title: 'Toy' })
const ask = (ctx: TeamCtx) => ctx.transaction(askIn)
const askThirty = async (tx: TeamTx) => {
  for (let number = 0; number < 30; number++) await askIn(tx)
}

describe('the places of the workers', () => {
  it('are not all taken by one team: what is above its limit waits, and another team’s runs', async () => {
    limitTeams(2)
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

  it('R25: are shared evenly: two teams with thirty operations each hold up no third one', async () => {
    const letGo: (() => void)[] = []
    const prepare = () => new Promise<void>((resolve) => void letGo.push(resolve))
    const engine = toyEngine(test, { prepare, deadlineMs: 40_000 })
    const [one, two, three] = [await otherTeam(), await otherTeam(), await otherTeam()]
    const running = async (...teams: TeamCtx[]) => {
      const rows = await test.database.query("select team_id from operations where status = 'running'")
      return teams.map(({ team }) => rows.filter((row) => row.team_id === team.id).length)
    }
    const bull = bullClasses({ kind: 'postgres', loginUrl: test.database.loginUrl })
    const workers = startWorkers(test.services, bull, [runOperationHandler(engine.handlers, newId())])

    await one.transaction(askThirty)
    await expect.poll(() => running(one), { timeout: 10_000 }).toEqual([20])
    await two.transaction(askThirty)
    await expect.poll(async () => (await running(two))[0], { timeout: 10_000 }).toBeGreaterThan(5)
    await ask(three)
    await expect.poll(() => running(three)).toEqual([1])

    for (const end of letGo.splice(0, 8)) end()
    await expect.poll(() => running(one, two, three), { timeout: 10_000 }).toEqual([12, 12, 1])
    const stop = workers.stop()
    while ((await running(one, two, three)).some((count) => count > 0)) for (const end of letGo.splice(0)) end()
    await stop
  })

  it('are not held by what a lost worker left: a team goes on with more than it may begin', async () => {
    limitTeams(2)
    const engine = toyEngine(test, {})
    const ids = [await engine.request(), await engine.request(), await engine.request()]
    await test.database.query("update operations set status = 'running', runner = uuidv7(), heartbeat_at = 'epoch'")

    for (const id of ids) await engine.run(id)

    expect(engine.ends).toHaveLength(3)
  })

  it('are offered to each team in turn', async () => {
    const [one, other] = [await otherTeam(), await otherTeam()]
    const many = [await ask(one), await ask(one), await ask(one)]
    const alone = await ask(other)

    const due = await test.services.db.asSystem((db) => dueOperations(db, 2, 30))

    expect(due.map(({ id }) => id)).toEqual([many[0], alone])
  })
})
