import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { declareOperation } from '../../server/platform/operations/declare.js'
import { requestOperation } from '../../server/platform/operations/request.js'
import { assertWorkerSeen } from '../../server/platform/workers/workers.js'
import { compiled } from '../support/compiled.js'
import { testServices } from '../support/services.js'

const unknown = declareOperation({ kind: 'unknown', input: { thingId: z.uuid() }, steps: [{ name: 'Do it' }] })

const start = (env: Record<string, string>) =>
  fork(compiled('jobs/worker.ts'), [], {
    execArgv: [],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })

describe('the worker process', () => {
  it('says that it lives, runs what is asked, and leaves in order', async () => {
    const test = await testServices()
    const worker = start({
      DATABASE_URL: test.database.ownerUrl,
      HOSTLER_DATA: '/nonexistent',
      HOSTLER_SECRET_KEY: 'kX9vQ2mL7pR4tW8zB3nD6fH1jC5gS0yA',
      HOSTLER_LOG_LEVEL: 'warn',
    })
    let said = ''
    worker.stderr?.on('data', (chunk) => {
      said += chunk
    })
    const ready = await Promise.race([once(worker, 'message'), once(worker, 'exit')])
    expect(ready[0], said).toBe('ready')
    await expect
      .poll(
        () =>
          assertWorkerSeen(test.services).then(
            () => true,
            () => false,
          ),
        { timeout: 5000 },
      )
      .toBe(true)

    const ctx = TeamCtx.system(test.services, test.team)
    const id = await ctx.transaction((tx) =>
      requestOperation(tx, unknown, { input: { thingId: newId() }, subject: `thing:${newId()}`, title: 'Unknown' }),
    )
    const status = async () =>
      (await test.database.query('select status, message from operations where id = $1', [id]))[0]
    await expect
      .poll(status, { timeout: 5000 })
      .toEqual({ status: 'failed', message: 'This version of Hostler does not know unknown' })

    worker.kill('SIGTERM')
    expect(await once(worker, 'exit')).toEqual([0, null])
    expect(await test.database.query('select * from workers')).toEqual([])
    await test.close()
  })

  it('tells a fault of the settings in words, with the exit code that says not to try again', async () => {
    const worker = start({ PORT: 'many' })
    let said = ''
    worker.stderr?.on('data', (chunk) => {
      said += chunk
    })

    const [code] = await once(worker, 'exit')

    expect(code).toBe(78)
    expect(said).toContain('PORT must be a number')
    expect(said).not.toContain('at ')
  })
})
