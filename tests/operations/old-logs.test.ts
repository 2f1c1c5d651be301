import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jobHandlers } from '../../jobs/handlers.js'
import { recurring } from '../../jobs/schedule.js'
import { shortenOldLogs } from '../../server/platform/operations/old-logs.js'
import { days } from '../support/clock.js'
import { makeOperation } from '../support/deploys.js'
import { insert } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

describe('logs of work that ended long ago', () => {
  let w: PanelWorld
  beforeAll(async () => {
    w = await panelWorld()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  const ago = (count: number) => new Date(w.clock.now().getTime() - days(count))
  async function operation(lines: number, values: Record<string, unknown>, team = w.acme): Promise<string> {
    const { id } = await makeOperation(w.test, team, values)
    await insert(w.test, 'operation_steps', { operation_id: id, team_id: team.id, position: 0, name: 'Build' })
    await w.test.query(
      `insert into operation_log (operation_id, team_id, sequence, step, stream, line, at)
       select $1, $2, n, 0, 'stdout', 'line ' || n, now() from generate_series(1, $3::int) n`,
      [id, team.id, lines],
    )
    return id
  }
  const shorten = () => shortenOldLogs(w.services, new AbortController().signal)
  const linesOf = async (id: string) =>
    (
      await w.test.query<{ line: string }>('select line from operation_log where operation_id = $1 order by sequence', [
        id,
      ])
    ).map(({ line }) => line)
  const show = async (id: string) => (await w.visit('viewer', `/teams/acme/operations/${id}`)).text

  it('lose all but their last 200 lines after 90 days, in every team', async () => {
    const old = await operation(1000, { status: 'failed', ended_at: ago(91) })
    const theirs = await operation(300, { status: 'succeeded', ended_at: ago(400) }, w.rival)
    const short = await operation(200, { status: 'succeeded', ended_at: ago(400) })
    const recent = await operation(1000, { status: 'failed', ended_at: ago(89) })
    const running = await operation(1000, { status: 'running', created_at: ago(200), ended_at: null })

    await shorten()
    await shorten()

    expect((await linesOf(old)).at(0)).toBe('line 801')
    expect((await linesOf(old)).at(-1)).toBe('line 1000')
    const left = await Promise.all([old, theirs, short, recent, running].map(async (id) => (await linesOf(id)).length))
    expect(left).toEqual([200, 200, 200, 1000, 1000])
    expect(await w.test.query('select name from operation_steps where operation_id = $1', [old])).toHaveLength(1)
  })

  it('are shown for what they are', async () => {
    const old = await operation(300, { status: 'failed', ended_at: ago(91) })
    const whole = await operation(2000, { status: 'failed', ended_at: ago(1) })
    const long = await operation(2001, { status: 'failed', ended_at: ago(1) })
    await shorten()

    expect(await show(old)).toContain('This log was shortened, as the operation ended over 90 days ago')
    expect(await show(long)).toContain('Download the whole log')
    expect(await show(whole)).not.toMatch(/was shortened|Download the whole log/)
  })

  it('are looked at once a day', () => {
    const turn = recurring.find(({ job }) => job.name === 'shorten-old-logs')
    const handlers = jobHandlers('', {} as Parameters<typeof jobHandlers>[1]) // `as`: no job is run here.

    expect(turn?.everyMs).toBe(days(1))
    expect(handlers.map(({ job }) => job.name)).toEqual(expect.arrayContaining(recurring.map(({ job }) => job.name)))
  })
})
