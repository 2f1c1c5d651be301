import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../server/platform/ids.js'
import { insert } from '../support/make.js'
import { needs } from '../support/parts.js'
import { patienceMs, type Stage, startStage } from './stage.js'

let stage: Stage
describe.skipIf(!needs('chromium'))('axe finds nothing on domains', { timeout: patienceMs }, () => {
  let here: string
  beforeAll(async () => {
    stage = await startStage()
    const { acme, w } = stage.scene
    here = `/teams/acme/sites/${acme.name}/domains`
    await w.test.query('delete from domains')
    await w.test.query("update sites set edge = 'caddy'")
    await w.test.query("update fronts set applied_revision = revision, applied_edge = 'caddy'")
  })
  afterAll(() => stage?.close())

  async function addDomain(name: string, values: object): Promise<string> {
    const { acme, w } = stage.scene
    const at = w.services.clock()
    const id = newId()
    const owner = { id, team_id: acme.team.id, site_id: acme.siteId, name, parent: name.slice(name.indexOf('.') + 1) }
    const findings = [
      { tone: 'good', title: 'The proof is there', hint: null },
      { tone: 'bad', title: 'An AAAA record is left over: 2001:db8::9', hint: 'Remove it.' },
    ]
    const seen = { findings: JSON.stringify(findings), checked_at: at, check_due_at: at, created_at: at }
    await insert(w.test, 'domains', { ...owner, ...seen, role: 'serve', token: 'x'.repeat(32), ...values })
    return id
  }

  it('served with a certificate, without one, not proven, and while they are looked at', async () => {
    const { acme, w } = stage.scene
    const at = w.services.clock()
    const later = new Date(at.getTime() + 1000)
    const served = await addDomain('www.example.com', { role: 'primary', verified_at: at, verified_by: 'dns' })
    const bare = await addDomain('xn--bcher-kva.example.com', { verified_at: at, verified_by: 'http' })
    const unproven = await addDomain('new.example.com', { role: 'redirect' })
    const busy = await addDomain('*.preview.example.com', { check_requested_at: later })
    const seen = { team_id: acme.team.id, seen_at: at, look_due_at: later }
    await insert(w.test, 'certificates', { domain_id: served, ...seen, issuer: 'A CA', begins_at: at, ends_at: later })
    await insert(w.test, 'certificates', {
      domain_id: bare,
      ...seen,
      failure: 'A CAA record forbids it',
      failure_hint: 'Allow it.',
    })

    const [server] = await w.test.query<{ id: string }>("select id from servers where slug = 'acme-two'")
    const ofServer = { site_id: null, server_id: server?.id, verified_at: at, verified_by: 'dns' }
    const wild = await addDomain('*.sites.example.com', ofServer)
    const given = await addDomain('acme-one.sites.example.com', {
      sites_domain_id: wild,
      verified_at: at,
      verified_by: 'sites-domain',
    })

    const ofSite = [served, bare, unproven, busy, given].map((id) => `${here}/${id}`)
    const beside = ['/teams/acme/servers/acme-two/sites-domain', here.replace(/domains$/, 'access')]
    const paths = [here, ...ofSite, ...beside]

    expect(
      await stage.faults(
        'owner',
        paths.map((path) => ({ path })),
      ),
    ).toEqual([])
    expect(await stage.faults('viewer', [{ path: here }, { path: `${here}/${served}` }])).toEqual([])
  })

  it('that could not be set up, that are refused in the form, that nobody serves, or that are none', async () => {
    const { w } = stage.scene
    await w.test.query(
      "update fronts set applied_revision = null, tried_revision = revision, failure = 'Port 80 is taken'",
    )
    const refused = await stage.faults('owner', [
      {
        path: here,
        act: async (page) => {
          await page.fill('#field-name', 'https://example.com/x')
          await page.getByRole('button', { name: 'Add domain' }).click()
          await page.waitForSelector('.field-error')
        },
      },
    ])
    const failed = await stage.faults('owner', [{ path: here }])
    await w.test.query("update sites set edge = 'direct'")
    const direct = await stage.faults('owner', [{ path: here }])
    await w.test.query('delete from domains')
    const none = await stage.faults('owner', [{ path: here }])

    expect([refused, failed, direct, none]).toEqual([[], [], [], []])
  })
})
