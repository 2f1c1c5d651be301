import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { outsideSentences } from '../../server/audit/outside.js'
import { appendOutsideTeams } from '../../server/platform/events/append.js'
import type { OutsideEvent } from '../../server/platform/events/event.js'
import { iconNames } from '../../server/platform/http/icons.js'
import { newId } from '../../server/platform/ids.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

describe('the audit log of the panel', () => {
  const say = (event: Omit<OutsideEvent, 'address'>, by = w.people.owner) =>
    w.services.db.asIdentity((db) =>
      appendOutsideTeams(db, { kind: 'user', id: by.id, name: by.name }, event, w.clock.now()),
    )
  const lines = async () =>
    [...(await w.visit('operator', '/operator/audit')).text.matchAll(/is-plain">(.*?)<\/span>/g)].map(([, line = '']) =>
      line
        .replace(/<[^>]*>/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )

  it('tells in words who did what, and to whom where that is somebody else', async () => {
    const { owner, viewer } = w.people
    const self = { kind: 'user', id: owner.id, name: owner.name }
    await say({ type: 'setup.completed', subject: { kind: 'setup', id: null } })
    await say({ type: 'session.started', subject: self, data: { by: 'password' } })
    await say({ type: 'user.suspended', subject: { ...self, id: viewer.id, name: 'Viewer' }, data: { reason: 'spam' } })
    await say({ type: 'sign-up.chosen', subject: { kind: 'panel', id: null }, data: { to: 'closed' } })
    await say({ type: 'password-reset.made', subject: { kind: 'user', id: newId() } })

    expect(await lines()).toEqual([
      'Owner asked for a link to choose a new password of somebody',
      'Owner chose who may sign up on the panel: closed',
      'Owner suspended Viewer: spam',
      'Owner signed in by password',
      'Owner set the panel up',
    ])
  })

  it('has an icon for each', () => {
    for (const [type, sentence] of Object.entries(outsideSentences))
      expect([type, iconNames.has(sentence({}).icon)]).toEqual([type, true])
  })
})
