import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizer } from '../../server/authorizer.js'
import { placeOf as sitePlace } from '../../server/deploys/places.js'
import { Secret } from '../../server/platform/secret.js'
import { placeOf } from '../../server/sites/environment.js'
import { startDockerSshd } from '../support/docker.js'
import { insert } from '../support/make.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { seedPerson, type TestPerson } from '../support/people.js'
import { eventually } from '../support/sites.js'
import type { Sshd } from '../support/sshd.js'
import { app, type Stage, startStage } from '../support/stage.js'

const token = 'canary-9f21 with spaces'
const key = '-----BEGIN-----\ncanary-key-line\n-----END-----'
const prints = `
  console.log('token is', process.env.API_TOKEN)
  for (const line of process.env.SIGNING_KEY.split('\\n')) console.log(line)
  let count = 0
  setInterval(() => console.log('beat', ++count, process.env.API_TOKEN), 200)`

describe.each([
  ['process', ['git', 'runit', 'sshd']],
  ['docker', ['git', 'docker', 'root', 'sshd']],
] as const)('the log of a site that runs (%s)', (runtime, parts) => {
  describe.skipIf(!needs(...parts))('as it is followed', () => {
    let sshd: Sshd | undefined
    let stage: Stage
    let panel: TestPanel
    let viewer: TestPerson

    beforeAll(async () => {
      if (runtime === 'docker') sshd = await startDockerSshd()
      stage = await startStage({ runtime }, app('one', prints), sshd)
      const { database, services, team } = stage.test
      for (const [name, value] of Object.entries({ API_TOKEN: token, SIGNING_KEY: key }))
        await insert(database, 'environment_variables', {
          ...{ site_id: stage.site.id, team_id: team.id, key: name, kind: 'both', is_secret: true },
          value_sealed: services.vault.seal(new Secret(value), placeOf(stage.site.id, name)),
          value_digest: services.vault.digest(new Secret(value), stage.site.id),
          updated_at: new Date(),
        })
      viewer = await seedPerson(database, services, new Date(), 'viewer', team)
      panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
      const deploy = await stage.deploy()
      expect(deploy, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'succeeded' })
    }, 120_000)
    afterAll(async () => {
      await panel?.close()
      await removeSite()
      await stage?.stop()
      await sshd?.stop()
    })

    /** Over the same way that it came: the stage itself knows no other Docker than this machine's. */
    async function removeSite() {
      const host = await stage.test.services.hosts.get(stage.server.id)
      await stage.parts.runtimes[runtime].removePlace(host, sitePlace(stage.site, host.root))
    }

    /** Lines as they come, until the reader goes. */
    async function follow(after = 0) {
      const reader = new AbortController()
      const address = `${panel.url}/teams/acme/sites/${stage.site.slug}/logs/stream?after=${after}`
      const response = await fetch(address, { headers: { cookie: viewer.cookie }, signal: reader.signal })
      const got = { text: '', lines: (): Line[] => linesIn(got.text), leave: () => reader.abort() }
      const read = async () => {
        for await (const chunk of response.body ?? []) got.text += Buffer.from(chunk).toString()
      }
      expect(response.headers.get('content-type')).toContain('text/event-stream')
      read().catch((error) => expect(reader.signal.aborted, String(error)).toBe(true))
      return got
    }

    it('LG-01: comes line by line, with the values of the site’s secrets as dots', async () => {
      const log = await follow()
      await eventually('lines that were printed while it was followed', async () => beats(log.lines()).length >= 8)
      log.leave()

      const texts = log.lines().map(({ text }) => text)
      expect(texts).toContain('token is •••')
      expect(texts.filter((text) => text === '•••')).toHaveLength(3)
      expect(beats(log.lines())).toEqual(beats(log.lines()).map((_, index) => `beat ${index + 1} •••`))
      expect(log.text).not.toContain('canary')
    })

    it('goes on after the last line that the reader saw', async () => {
      const first = await follow()
      await eventually('some lines', async () => beats(first.lines()).length >= 3)
      first.leave()
      const seen = first.lines()

      const second = await follow(seen.at(-1)?.seq)
      await eventually('the next line', async () => beats(second.lines()).length >= 1)
      second.leave()

      expect(beats(second.lines())[0]).toBe(`beat ${beats(seen).length + 1} •••`)
    })

    it('leaves nothing behind on the server when the reader goes', async () => {
      const readers = await Promise.all([follow(), follow()])
      await eventually('both follow', async () => followersOf(stage.site.id).length >= 2)

      for (const reader of readers) reader.leave()

      await eventually('nobody follows any more', async () => followersOf(stage.site.id).length === 0)
    })
  })
})

interface Line {
  seq: number
  text: string
}

/** Whole events only: the last one may still be coming. */
const linesIn = (text: string): Line[] =>
  text
    .slice(0, text.lastIndexOf('\n\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('data: ['))
    .flatMap((line) => JSON.parse(line.slice('data: '.length)) as Line[])

const beats = (lines: readonly Line[]): string[] =>
  lines.map(({ text }) => text).filter((text) => text.startsWith('beat'))

/** What reads the log of that site on the machine: `tail` or `docker logs`, and the shells around them. */
const followersOf = (siteId: string): string[] =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(siteId) && /\btail\b|\blogs\b/.test(line))
