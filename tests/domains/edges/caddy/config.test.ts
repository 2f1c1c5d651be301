import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openToAll } from '../../../../server/domains/edges/access.js'
import { dropInText } from '../../../../server/domains/edges/caddy/after-restart.js'
import { siteServer, withoutSite, withSite } from '../../../../server/domains/edges/caddy/config.js'
import { isSameJson, type Json, valueAt } from '../../../../server/domains/edges/caddy/json.js'
import { cmd } from '../../../../server/platform/shell/command.js'

const site = { siteId: 's1', folder: '/srv/hostler/sites/s1', port: 8101, hostnames: [], access: openToAll }
const other = { ...site, siteId: 's2', folder: '/srv/hostler/sites/s2', port: 8102 }

describe('the configuration of Caddy with a site', () => {
  it('finds the upstream by the name of a file, looked for twice', () => {
    const text = JSON.stringify(siteServer(site))

    expect(text).toContain('"file":{"root":"/srv/hostler/sites/s1/upstream","try_files":["*","*"]}')
    expect(text).toContain('"dial":"tcp{http.matchers.file.relative}"')
  })

  it('closes connections politely while the configuration changes', () => {
    expect(valueAt(siteServer(site), ['routes'])).toMatchObject([
      {
        match: [{ vars: { '{http.shutting_down}': ['true'] } }],
        handle: [{ handler: 'headers', response: { set: { Connection: ['close'] } } }],
      },
      {},
      {},
      {},
    ])
  })

  it('keeps a delay and excluded logs that somebody else has set', () => {
    const theirs: Json = {
      apps: { http: { shutdown_delay: '10s', servers: {} } },
      logging: { logs: { default: { level: 'WARN', exclude: ['http.log.access.theirs'] } } },
    }

    const changed = withSite(theirs, site)

    expect(valueAt(changed, ['apps', 'http', 'shutdown_delay'])).toBe('10s')
    expect(valueAt(changed, ['logging', 'logs', 'default'])).toEqual({
      level: 'WARN',
      exclude: ['http.log.access.theirs', 'http.log.access.hostler'],
    })
    expect(valueAt(withoutSite(changed, 's1'), ['logging'])).toEqual(theirs.logging)
  })

  it('stays the same when it is made again, and keeps the notice for the sites that are left', () => {
    const both = withSite(withSite({}, site), other)

    expect(isSameJson(withSite(both, site), both)).toBe(true)
    expect(isSameJson(withoutSite(both, 's1'), withSite({}, other))).toBe(true)
    expect(withoutSite(withoutSite(both, 's1'), 's2')).toEqual({})
  })

  it('never changes what is not ours, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (foreign) => {
        const theirs = { apps: { http: { servers: { theirs: foreign as Json } }, tls: foreign as Json } }

        const changed = withSite(theirs, site)

        expect(valueAt(changed, ['apps', 'http', 'servers', 'theirs'])).toBe(foreign)
        expect(valueAt(changed, ['apps', 'tls'])).toBe(foreign)
      }),
    )
  })
})

describe('what systemd runs after a start of Caddy', () => {
  it('CI-06: stays one line of words, whatever the folder is called', () => {
    const text = dropInText(cmd('/bin/sh', '/srv/a "b"\\%h/restore.sh', '/srv/sites', '127.0.0.1:2019'))

    expect(text).toBe(
      [
        '[Unit]',
        'StartLimitIntervalSec=0',
        '',
        '[Service]',
        String.raw`ExecStartPost=-"/bin/sh" "/srv/a \"b\"\\%%h/restore.sh" "/srv/sites" "127.0.0.1:2019"`,
        String.raw`ExecReload=-"/bin/sh" "/srv/a \"b\"\\%%h/restore.sh" "/srv/sites" "127.0.0.1:2019"`,
        'Restart=on-failure',
        'RestartSec=1',
        'RestartPreventExitStatus=1',
        '',
      ].join('\n'),
    )
  })
})
