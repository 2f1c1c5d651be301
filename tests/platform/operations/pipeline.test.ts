import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../../server/platform/errors.js'
import { cancelOperation } from '../../../server/platform/operations/request.js'
import { type TestServices, testServices } from '../../support/services.js'
import { type ToyRun, toyEngine } from '../../support/toy-operation.js'

let test: TestServices
beforeAll(async () => {
  test = await testServices()
})
afterAll(() => test.close())

const forEver = (step: ToyRun): Promise<never> =>
  new Promise((_, reject) => step.signal.addEventListener('abort', () => reject(step.signal.reason), { once: true }))

describe('an operation', () => {
  it('runs its steps in order and ends with an event in the same transaction', async () => {
    const engine = toyEngine(test, {})
    const id = await engine.request()

    await engine.run(id)

    expect(engine.happened).toEqual(['prepare', 'switch', 'tidy'])
    expect(await engine.row(id)).toMatchObject({ status: 'succeeded', message: null })
    expect(engine.ends).toEqual([{ status: 'succeeded' }])
    const events = await test.database.query('select type from events where subject_id = $1', [id])
    expect(events).toEqual([{ type: 'operation.succeeded' }])
  })

  it('hands what a step recorded to the later ones', async () => {
    const answers: number[] = []
    const engine = toyEngine(test, { switch: async (step) => answers.push(step.output('Prepare').answer) })

    await engine.run(await engine.request())

    expect(answers).toEqual([42])
  })

  it('undoes what was begun, in reverse, when a step fails before the commit point', async () => {
    const engine = toyEngine(test, {
      switch: async () => Promise.reject(new UserError(409, 'The port is taken', 'Choose another')),
    })
    const id = await engine.request()

    await engine.run(id)

    expect(engine.happened).toEqual(['prepare', 'switch', 'undo switch', 'undo prepare'])
    expect(await engine.row(id)).toMatchObject({
      status: 'failed',
      message: 'The port is taken',
      hint: 'Choose another',
    })
    expect(await engine.steps(id)).toEqual(['undone', 'failed', 'skipped'])
  })

  it('undoes nothing after the commit point', async () => {
    const engine = toyEngine(test, { tidy: async () => Promise.reject(new Error('bug')) })
    const id = await engine.request()

    await engine.run(id)

    expect(engine.happened).toEqual(['prepare', 'switch', 'tidy'])
    expect(await engine.row(id)).toMatchObject({ status: 'failed', message: 'Something went wrong' })
  })

  it('stops a step at its deadline and says so', async () => {
    const engine = toyEngine(test, { prepare: forEver, deadlineMs: 50 })
    const id = await engine.request()

    await engine.run(id)

    expect(await engine.row(id)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('not done within'),
    })
  })

  it('ends at once when it is cancelled before it began', async () => {
    const engine = toyEngine(test, {})
    const id = await engine.request()

    await engine.ctx.transaction((tx) => cancelOperation(tx, id))
    await engine.run(id)

    expect(engine.happened).toEqual([])
    expect(await engine.row(id)).toMatchObject({ status: 'cancelled', message: 'Hostler cancelled it before it began' })
  })

  it('stops and undoes when it is cancelled while it runs', async () => {
    const engine = toyEngine(test, {
      prepare: async (step) => {
        await engine.ctx.transaction((tx) => cancelOperation(tx, step.operationId))
        return forEver(step)
      },
    })
    const id = await engine.request()

    await engine.run(id)

    expect(engine.happened).toEqual(['prepare', 'undo prepare'])
    expect(await engine.row(id)).toMatchObject({ status: 'cancelled' })
  })

  it('cannot be cancelled after the commit point', async () => {
    const engine = toyEngine(test, {
      tidy: async (step) => engine.ctx.transaction((tx) => cancelOperation(tx, step.operationId)),
    })
    const id = await engine.request()

    await engine.run(id)

    expect(await engine.row(id)).toMatchObject({ status: 'succeeded' })
  })

  it('masks secrets in the log and in the sentence', async () => {
    const { Secret } = await import('../../../server/platform/secret.js')
    const engine = toyEngine(test, {
      prepare: async (step) => {
        step.log.hide(new Secret('canary-77\nsecond-line'))
        step.log.line('token=canary-77;')
        step.log.line('x second-line y')
        throw new UserError(400, 'refused canary-77')
      },
    })
    const id = await engine.request()

    await engine.run(id)

    expect(await engine.lines(id)).toEqual(['token=•••;', 'x ••• y'])
    expect(await engine.row(id)).toMatchObject({ message: 'refused •••' })
  })

  it('keeps the start and the end of a step that prints without limit', async () => {
    const engine = toyEngine(test, {
      prepare: async (step) => {
        for (let n = 1; n <= 50_000; n++) step.log.line(`line ${n}`)
      },
    })
    const id = await engine.request()

    await engine.run(id)

    const lines = await engine.lines(id)
    expect(lines).toHaveLength(5201)
    expect(lines.slice(4999, 5002)).toEqual(['line 5000', '44800 lines are left out here', 'line 49801'])
    expect(lines.at(-1)).toBe('line 50000')
  })
})
