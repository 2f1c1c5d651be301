import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeResetLink } from '../../server/password-resets/password-resets.js'
import { newId } from '../../server/platform/ids.js'
import { ensureSetupToken } from '../../server/setup/setup.js'
import { insert } from '../support/make.js'
import { needs } from '../support/parts.js'
import { patienceMs, type Stage, startStage, submitted } from './stage.js'

let stage: Stage
describe.skipIf(!needs('chromium'))('axe finds nothing', { timeout: patienceMs }, () => {
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage?.close())

  it('on operations in any state, with their list open', async () => {
    const running = await makeOperation({ status: 'running', runner: newId(), heartbeat_at: new Date() })
    const failed = await makeOperation({ status: 'failed', ended_at: new Date(), message: 'The disk of web-1 is full' })

    const faults = await stage.faults('owner', [
      { path: `/teams/acme/operations/${running}`, act: (page) => page.click('#running-pill') },
      { path: `/teams/acme/operations/${failed}` },
      { path: '/teams/acme/operations' },
    ])

    expect(faults).toEqual([])
  })

  it('where nothing is found, there or allowed', async () => {
    expect(
      await stage.faults('owner', [
        { path: '/teams/acme/search?q=nothing' },
        { path: '/teams/acme/sites?search=nothing' },
        { path: '/teams/acme/nowhere', status: 404 },
      ]),
    ).toEqual([])
    expect(await stage.faults('viewer', [{ path: '/teams/acme/sites/new', status: 403 }])).toEqual([])
    expect(await stage.faults('operator', [{ path: '/teams' }])).toEqual([])
  })

  it('on the way to a new password', async () => {
    const link = new URL((await makeResetLink(stage.scene.w.services, 'owner@example.com')).reveal())

    expect(await stage.faults('nobody', [{ path: link.pathname + link.search }])).toEqual([])
  })

  it('where nothing is there yet', async () => {
    await stage.scene.w.reset()

    const paths = ['', '/home', '/sites', '/sites/new', '/servers', '/api-keys', '/activity', '/operations']
    const faults = await stage.faults(
      'owner',
      paths.map((path) => ({ path: `/teams/acme${path}` })),
    )

    expect(faults).toEqual([])
  })

  it('before anybody is there', async () => {
    const { test, services } = stage.scene.w
    await test.query('truncate teams, users cascade')
    const path = `/setup?token=${(await ensureSetupToken(services))?.reveal()}`
    const refuse = (page: Page) => submitted(page, `document.querySelector('form').submit()`)

    expect(await stage.faults('nobody', [{ path }, { path, act: refuse }, { path: '/sign-in' }])).toEqual([])
  })
})

/** With a step in each state and a line in each stream. */
async function makeOperation(values: object): Promise<string> {
  const { test, acme } = stage.scene.w
  const id = newId()
  const at = new Date()
  await insert(test, 'operations', {
    id,
    team_id: acme.id,
    kind: 'deploy',
    subject: `site:${id}`,
    title: 'Deploy shop',
    input: '{}',
    requested_by: 'Ada',
    created_at: at,
    started_at: at,
    ...values,
  })
  const its = { operation_id: id, team_id: acme.id }
  const states = ['succeeded', 'running', 'failed', 'waiting', 'skipped', 'undone', 'undo-failed']
  for (const [index, state] of states.entries())
    await insert(test, 'operation_steps', { ...its, position: index + 1, name: `Step ${state}`, state, message: 'So' })
  for (const [index, stream] of ['stdout', 'stderr', 'note'].entries())
    await insert(test, 'operation_log', { ...its, sequence: index + 1, step: 1, stream, line: `Of ${stream}`, at })
  return id
}
