import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { compiled } from '../support/compiled.js'
import { sha } from '../support/push-world.js'
import { testSecretKey } from '../support/services.js'
import { statusWorld } from '../support/status-world.js'

it('shows a deploy on its commit while a worker runs it, with the sentence that it failed with', async () => {
  const w = await statusWorld()
  await w.begin('gitea')
  const worker = fork(compiled('jobs/worker.ts'), [], {
    execArgv: [],
    env: {
      ...{ PATH: process.env.PATH ?? '', NODE_ENV: 'test', HOSTLER_LOG_LEVEL: 'warn', HOSTLER_DATA: '/nonexistent' },
      ...{ DATABASE_URL: w.test.ownerUrl, HOSTLER_SECRET_KEY: testSecretKey },
      HOSTLER_OUTBOUND_ALLOW: 'http://127.0.0.1',
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  await once(worker, 'message')

  await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })

  const states = () => w.sent().map(([, , { state }]) => state)
  await expect.poll(states, { timeout: 20_000 }).toEqual(['pending', 'failure'])
  const [operation] = await w.test.query<{ message: string }>('select message from operations')
  expect(w.sent()[1]?.[2].description).toBe(operation?.message)
  worker.kill('SIGTERM')
  await once(worker, 'exit')
  await w.close()
})
