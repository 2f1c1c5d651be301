import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  expectNothingLeft,
  expectSentence,
  expectServed,
  type FaultStage,
  startFaultStage,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'

const tells = "console.log('my last words')"

describe.skipIf(!needs('git', 'runsv', 'sshd'))(
  'R20: a release that does not become healthy',
  { timeout: 60_000 },
  () => {
    let stage: FaultStage
    beforeAll(async () => {
      stage = await startFaultStage()
      await stage.set('health_deadline_seconds', 2)
      await stage.worker()
    }, 60_000)
    afterAll(() => stage.stop())
    afterEach(() => expectNothingLeft(stage))

    it('fails its health check: the old one serves on', async () => {
      const ended = await stage.push({
        'server.js': `
        require('node:http').createServer((request, response) => response.writeHead(500).end('no')).listen(process.env.PORT)
        ${tells}`,
      })

      expect(ended).toMatchObject({ status: 'failed', message: expect.stringContaining('did not become healthy') })
      expectSentence(ended)
      expect(await stage.log(ended)).toContain('my last words')
      expectServed(stage.visitors, 'one')
    })

    it('hangs: takes connections and never answers', async () => {
      const ended = await stage.push({
        'server.js': `require('node:http').createServer(() => {}).listen(process.env.PORT); ${tells}`,
      })

      expect(ended).toMatchObject({ status: 'failed', message: expect.stringContaining('did not become healthy') })
      expectSentence(ended)
      expect(await stage.log(ended)).toContain('my last words')
      expectServed(stage.visitors, 'one')
      const states = await stage.test.database.query<{ state: string }>('select state from releases order by number')
      expect(states.map(({ state }) => state)).toEqual(['live', 'failed', 'failed'])
    })
  },
)
