import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../../server/platform/ids.js'
import { dueOperations } from '../../../server/platform/operations/lease-queries.js'
import { RunnerStopping } from '../../../server/platform/operations/stop-reasons.js'
import { type TestServices, testServices } from '../../support/services.js'
import { type ToyRun, toyEngine } from '../../support/toy-operation.js'

let test: TestServices
beforeAll(async () => {
  test = await testServices()
})
afterAll(() => test.close())

const due = async (): Promise<string[]> =>
  (await test.services.db.asSystem((db) => dueOperations(db, 100, 30))).map((row) => row.id)

describe('an operation whose worker goes away', () => {
  it('is resumed from the first step that is not done', async () => {
    const stopping = new AbortController()
    let stops = true
    const engine = toyEngine(test, {
      switch: async (step) => {
        if (!stops) return
        stops = false
        stopping.abort(new RunnerStopping())
        step.signal.throwIfAborted()
      },
    })
    const id = await engine.request()

    await engine.run(id, stopping.signal)
    expect(await engine.row(id)).toMatchObject({ status: 'running' })
    // Its last heartbeat may still hold the row; whoever comes then is told to come again, as the sweep does.
    await expect
      .poll(async () => {
        await engine.run(id)
        return (await engine.row(id))?.status
      })
      .toBe('succeeded')

    expect(engine.happened).toEqual(['prepare', 'switch', 'switch', 'tidy'])
    expect(await engine.row(id)).toMatchObject({ claims: 2 })
  })

  it('goes on undoing, and never forward again, when it was lost while undoing', async () => {
    const engine = toyEngine(test, {})
    const id = await engine.request()
    await test.database.query(
      "update operation_steps set state = 'succeeded' where operation_id = $1 and position = 0",
      [id],
    )
    await test.database.query("update operations set ending = 'failed', message = 'The build failed' where id = $1", [
      id,
    ])

    await engine.run(id)

    expect(engine.happened).toEqual(['undo prepare'])
    expect(await engine.row(id)).toMatchObject({ status: 'failed', message: 'The build failed' })
  })

  it('R04: takes nothing from a worker that lives, and locks the lost one out with a higher number', async () => {
    const fences: number[] = []
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    let first = true
    const engine = toyEngine(test, {
      switch: async (step: ToyRun) => {
        fences.push(step.fence)
        if (!first) return
        first = false
        await asleep
      },
    })
    const id = await engine.request()
    const zombie = engine.run(id)
    await expect.poll(() => fences.length).toBe(1)

    await engine.run(id)
    expect(engine.happened).toEqual(['prepare', 'switch'])
    await engine.lose(id)
    await engine.run(id)
    wake()
    await zombie

    expect(fences).toEqual([1, 2])
    expect(engine.happened).toEqual(['prepare', 'switch', 'switch', 'tidy'])
    expect(await engine.row(id)).toMatchObject({ status: 'succeeded', fence: 2 })
    expect(engine.ends).toHaveLength(1)
  })

  it('R02: gives up, with a sentence, on an operation that takes every worker down', async () => {
    const engine = toyEngine(test, {})
    const id = await engine.request()
    await test.database.query('update operations set claims = 10 where id = $1', [id])

    await engine.run(id)

    expect(await engine.row(id)).toMatchObject({ status: 'failed', message: expect.stringContaining('worker') })
    expect(engine.happened).toEqual([])
  })

  it('R06: is found by the sweep when the queue has forgotten it', async () => {
    const engine = toyEngine(test, {})
    const queued = await engine.request()
    expect(await due()).toContain(queued)

    await engine.run(queued)
    expect(await due()).not.toContain(queued)
  })
})

describe('operations beside each other', () => {
  it('RC-02: run one at a time on a subject, oldest first', async () => {
    const engine = toyEngine(test, {})
    const subject = `site:${newId()}`
    const [one, two] = [await engine.request({ subject }), await engine.request({ subject })]

    await engine.run(two)
    expect(engine.happened).toEqual([])
    expect(await due()).not.toContain(two)
    await engine.run(one)
    await engine.run(two)

    expect(await engine.row(two)).toMatchObject({ status: 'succeeded', fence: 2 })
  })

  it('run so many at once in a pool as it has places, also when asked in the same moment', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    let running = 0
    let most = 0
    const engine = toyEngine(test, {
      prepare: async () => {
        most = Math.max(most, ++running)
        await gate
        running--
      },
    })
    const pool = { name: `server:${newId()}`, limit: 2 }
    const ids = await Promise.all(Array.from({ length: 5 }, () => engine.request({ pool })))

    const runs = Promise.all(ids.map((id) => engine.run(id)))
    await expect.poll(() => running).toBe(2)
    open()
    await runs

    expect(most).toBe(2)
    expect(engine.ends).toHaveLength(2)
  })
})
