import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get } from '../../../server/platform/http/route.js'
import { RemoteCommandError } from '../../../server/platform/ssh/remote-command-error.js'
import { latch, type Panel, startPanel } from './panel.js'
import { noteRoutes } from './routes.js'

const asked = latch()
const left = latch()

const routes = [
  ...noteRoutes,
  get('/disk', { can: 'anyone' }, () => {
    throw new RemoteCommandError({
      host: 'web-1',
      display: 'tar -xf release.tar',
      exitCode: 2,
      signal: null,
      lastLines: ['tar: <b>: Cannot write: No space left on device'],
      isHeard: false,
    })
  }),
  get('/database', { can: 'anyone' }, () => {
    throw Object.assign(new Error('terminating connection'), { code: '57P01' })
  }),
  get('/slow', { can: 'anyone' }, async ({ signal }) => {
    asked.resolve()
    await once(signal, 'abort')
    left.resolve()
    throw signal.reason
  }),
]

let panel: Panel
beforeAll(async () => {
  panel = await startPanel(routes, { isProduction: true })
})
afterAll(() => panel.close())

describe('an error', () => {
  test('LG-02: a bug shows a reference and nothing else; the log has the same reference and the stack', async () => {
    const answer = await panel.ask('/broken')
    const html = await answer.text()
    const reference = html.match(/Reference <code>([2-9A-Z]{5})<\/code>/)?.[1]
    const logged = panel.log.find((line) => line.reference === reference)

    expect(answer.status).toBe(500)
    expect(html).toContain('Something went wrong')
    expect(html).not.toMatch(/canary|select|node_modules|at .*\.ts/)
    expect(JSON.stringify(logged)).toMatch(/canary.*routes\.ts/)
  })

  test('is none where whoever asked has hung up, and what was done for them ended with it', async () => {
    const hangUp = new AbortController()
    const answer = panel.ask('/slow', { signal: hangUp.signal })
    await asked.promise
    hangUp.abort()
    await expect(answer).rejects.toThrow()
    await left.promise
    await panel.ask('/disk')

    const lines = panel.log.filter(({ route }) => route === '/slow')
    expect(lines).toMatchObject([{ hungUp: true }])
  })

  test('LG-02: a view that breaks is the same', async () => {
    const answer = await panel.ask('/broken-view', { headers: { 'hx-request': 'true' } })

    // In production an undefined value prints as nothing.
    expect(answer.status).toBe(200)
  })

  test('on the API it is problem+json', async () => {
    const answer = await panel.api('GET', '/teams/acme/notes/missing')

    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ])
    expect(await answer.json()).toEqual({ type: 'about:blank', title: 'There is no such note', status: 404 })
  })

  test('in a fragment it goes to the notices and leaves the part as it is', async () => {
    const answer = await panel.submit(
      '/teams/acme/notes',
      { name: 'busy', size: '1' },
      { as: 'owner', headers: { 'hx-request': 'true', 'hx-request-type': 'partial' } },
    )

    expect(answer.status).toBe(409)
    expect([answer.headers.get('hx-retarget'), answer.headers.get('hx-reswap')]).toEqual(['#notices', 'innerHTML'])
    expect(await answer.text()).toMatch(/role="alert"[\s\S]*The notes are being moved[\s\S]*Try again in a minute/)
  })

  test('on a page it says what happened and what to do now', async () => {
    const answer = await panel.submit('/teams/acme/notes', { name: 'busy', size: '1' }, { as: 'owner' })

    expect(answer.status).toBe(409)
    expect(await answer.text()).toMatch(/<h1>The notes are being moved<\/h1>[\s\S]*Try again in a minute/)
  })

  test('what a machine said comes with its sentence, its hint and its last lines', async () => {
    const answer = await panel.ask('/disk')
    const html = await answer.text()

    expect(answer.status).toBe(502)
    expect(html).toMatch(/disk[^<]* web-1 [\s\S]*tar: &lt;b&gt;: Cannot write: No space left on device/i)
  })

  test('R09: a database that is away is 503 with a hint', async () => {
    const answer = await panel.ask('/database')

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await answer.text()).toContain('Nothing was changed')
  })

  test('AZ-02: another team and no team are the same 404, but for their nonce', async () => {
    const plain = async (path: string) => {
      const answer = await panel.ask(path, { as: 'stranger' })
      return `${answer.status} ${await answer.text()}`
    }

    expect(await plain('/teams/acme/notes/first')).toBe(await plain('/teams/nowhere/notes/first'))
  })

  test('an unknown address is 404', async () => {
    expect((await panel.ask('/nowhere')).status).toBe(404)
    expect((await panel.ask('/api/v1/nowhere')).headers.get('content-type')).toContain('application/problem+json')
  })
})
