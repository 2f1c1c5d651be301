import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeOperation } from '../support/deploys.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import type { Name } from '../support/people.js'

describe('the pill of running operations', () => {
  let w: PanelWorld
  beforeAll(async () => {
    w = await panelWorld()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())
  const pill = (name: Name) => w.visit(name, '/teams/acme/operations/pill')

  it('is empty before the first', async () => {
    await makeOperation(w.test, w.rival, { status: 'running' })

    const { status, text } = await pill('viewer')
    expect([status, text.trim()]).toEqual([200, ''])
  })

  it('shows nothing while nothing runs, and tells the page which was the newest', async () => {
    await makeOperation(w.test, w.acme, { status: 'failed', created_at: new Date('2026-05-04T10:00:00Z') })
    const { id } = await makeOperation(w.test, w.acme, { status: 'succeeded' })

    const { text } = await pill('viewer')
    expect(text.trim()).toBe(`<span id="newest-${id}" hidden></span>`)
  })

  it('counts what runs and what waits, and names them', async () => {
    await makeOperation(w.test, w.acme, { status: 'running', title: 'Deploy shop' })
    await makeOperation(w.test, w.acme, { status: 'queued', title: 'Deploy blog' })

    const { text } = await pill('viewer')
    expect(text).toContain('1 running, 1 waiting')
    expect(text).toContain('Deploy shop')
    expect(text).toContain('Deploy blog')
  })

  it('tells those nothing who may not see operations, and strangers less', async () => {
    expect(await pill('billing')).toMatchObject({ status: 200, text: expect.not.stringContaining('<') })
    expect((await pill('stranger')).status).toBe(404)
  })
})
