import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiledInOne } from '../support/compiled.js'
import { freshDatabase, type TestDatabase } from '../support/database.js'
import { startMailSink } from '../support/mail-sink.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { needs } from '../support/parts.js'
import { startRedis } from '../support/redis.js'

describe('bin/hostler', () => {
  let database: TestDatabase
  let dataFolder: string

  beforeAll(async () => {
    database = await freshDatabase()
    dataFolder = await mkdtemp(path.join(tmpdir(), 'hostler-cli-'))
  })
  afterAll(async () => {
    await database.close()
    await rm(dataFolder, { recursive: true })
  })

  async function hostler(
    args: string[],
    input = '',
    settings = {},
  ): Promise<{ code: number; out: string; err: string }> {
    const child = spawn(process.execPath, [compiledInOne('server/cli/cli.ts'), ...args], {
      env: {
        ...process.env,
        DATABASE_URL: database.ownerUrl,
        HOSTLER_DATA: dataFolder,
        HOSTLER_URL: 'https://panel.example.com',
        NODE_ENV: 'test',
        ...settings,
      },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (err += text))
    child.stdin.end(input)
    let doing: unknown[] | undefined
    const hung = setTimeout(async () => {
      doing = await database.query(
        'select application_name, state, wait_event, query from pg_stat_activity where datname = current_database()',
      )
      child.kill('SIGKILL')
    }, 40_000)
    const [code] = await once(child, 'close')
    clearTimeout(hung)
    if (doing) throw new Error(`"${args[0]}" did not end: ${out}${err}${JSON.stringify(doing)}`)
    return { code, out, err }
  }
  const init = (password: string) =>
    hostler(['init', '--email', 'Ada@Example.com', '--team', 'Acme', '--password-stdin', '--json'], password)

  it('sets the panel up once and prints a key, nothing else; then says that it is done', async () => {
    const weak = await init('password1234\n')
    expect([weak.code, weak.out]).toEqual([1, ''])
    expect(weak.err).toContain('everybody tries first')

    const done = await init('a walk along the canal\n')
    expect(done.code).toBe(0)
    expect(JSON.parse(done.out)).toEqual({
      apiKey: expect.stringMatching(/^hst_sk_[\w-]{43}$/),
      team: 'acme',
      url: 'https://panel.example.com',
    })

    const again = await init('a walk along the canal\n')
    expect([again.code, again.out]).toEqual([1, ''])
    expect(again.err).toContain('already set up')
  })

  it('SE-08: prints a link for whoever forgot their password, and says so when it is nobody', async () => {
    const made = await hostler(['reset-password', '--email', ' Ada@Example.com'])
    expect([made.code, made.err]).toEqual([0, ''])
    expect(made.out).toMatch(/^https:\/\/panel\.example\.com\/password-reset\?token=[\w-]{43}$/m)

    const nobody = await hostler(['reset-password', '--email', 'bob@example.com'])
    expect([nobody.code, nobody.out]).toEqual([1, ''])
    expect(nobody.err).toContain('Nobody signs in with bob@example.com')
  })

  it('RC-04: frees a domain that somebody holds, tells their team, and says so when nobody does', async () => {
    const [team] = await database.query<{ id: string }>('select id from teams')
    if (!team) throw new Error('no team')
    const site = await makeSite(database, await makeServer(database, team), team, { edge: 'caddy' })
    await insert(database, 'domains', {
      ...{
        id: site.id,
        team_id: team.id,
        site_id: site.id,
        name: 'www.example.com',
        parent: 'example.com',
        role: 'serve',
      },
      ...{ token: '', verified_at: new Date(), verified_by: 'dns', check_due_at: new Date(), created_at: new Date() },
    })

    const done = await hostler(['free-domain', 'WWW.Example.com.'])
    expect([done.code, done.err]).toEqual([0, ''])
    expect(done.out).toContain('www.example.com was held by the team acme')
    const told = await database.query("select type, data from events where type like 'domain.%'")
    expect(told).toEqual([{ type: 'domain.freed', data: { domain: 'www.example.com', why: 'operator' } }])
    expect(await database.query('select verified_at from domains')).toEqual([{ verified_at: null }])

    const again = await hostler(['free-domain', 'www.example.com'])
    expect([again.code, again.out]).toEqual([1, ''])
    expect(again.err).toContain('Nobody holds www.example.com')
    const nonsense = await hostler(['free-domain', 'no name'])
    expect([nonsense.code, nonsense.err]).toEqual([1, expect.stringContaining('not a domain name')])
  })

  it('sends a mail and says what the server answered, or why it went nowhere', async () => {
    const sink = await startMailSink()
    const test = (settings: object) => hostler(['mail', 'test', '--to', 'ada@example.com'], '', settings)
    const settings = { HOSTLER_SMTP_URL: sink.url, HOSTLER_MAIL_FROM: 'Hostler <panel@example.com>' }

    const none = await test({})
    expect([none.code, none.out]).toEqual([1, ''])
    expect(none.err).toContain('no settings for mail')
    const sent = await test(settings)
    expect([sent.code, sent.err]).toEqual([0, ''])
    expect(sent.out).toMatch(/^The server took it for ada@example.com: 250 /)
    expect(sink.mails[0]).toMatchObject({ from: 'panel@example.com', to: ['ada@example.com'] })
    const wrong = await test({ ...settings, HOSTLER_SMTP_URL: `smtp://ada:hunter2@127.0.0.1:${sink.port}` })
    expect([wrong.code, wrong.out]).toEqual([1, ''])
    expect(wrong.err).toMatch(/user or password of HOSTLER_SMTP_URL is not taken/)
    expect(wrong.err).not.toContain('hunter2')
    await sink.close()
  })

  it('LG-06: walks the event log, and names the first row that was altered', async () => {
    const whole = await hostler(['audit', 'verify'])
    expect([whole.code, whole.err]).toEqual([0, ''])
    expect(whole.out).toMatch(/^acme {2}whole, \d+ events$/m)
    expect(whole.out).toMatch(/^outside teams {2}whole, \d+ events$/m)

    await database.query(`update events set actor_name = 'Somebody else' where type = 'team.created'`)
    const broken = await hostler(['audit', 'verify'])
    expect(broken.code).toBe(1)
    expect(broken.out).toMatch(/^acme {2}BROKEN at event 1: It was altered$/m)
    expect(await hostler(['verify-events'])).toEqual(broken)
  })

  it.skipIf(!needs('redis'))('comes to its end also where the queue is in Redis', async () => {
    const redis = await startRedis()
    try {
      expect((await hostler(['verify-events'], '', { REDIS_URL: redis.url })).err).toBe('')
    } finally {
      await redis.stop()
    }
  })
})
