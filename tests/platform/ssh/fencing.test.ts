import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, cmd, pipe } from '../../../server/platform/shell/command.js'
import { fenced } from '../../../server/platform/ssh/fencing.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { RemoteCommandError, StaleLeaseError } from '../../../server/platform/ssh/remote-command-error.js'
import { ensureScripts, type Scripts } from '../../../server/platform/ssh/scripts.js'
import { underLease } from '../../../server/platform/ssh/under-lease.js'
import { hostKinds } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'

const quick = { timeoutMs: 30_000 }

test('fenced is one command line', () => {
  const scripts: Scripts = (name) => `/srv/bin/${name}`

  expect(fenced(scripts, '/srv/a.lock', 7, cmd('mv', 'a', 'b')).kind).toBe('exec')
  expect(fenced(scripts, '/srv/a.lock', 7n, all(cmd('a'), cmd('b c')))).toEqual(
    cmd('/srv/bin/fenced.sh', '/srv/a.lock', '7', 'sh', '-c', "a && 'b c'"),
  )
})

describe.skipIf(!needs('sshd', 'setsid', 'flock')).each(hostKinds)('%s', (_, start) => {
  let host: Host
  let stop: () => Promise<void>
  let scripts: Scripts
  const lock = () => `${host.root}/site.lock`

  beforeAll(async () => {
    ;({ host, stop } = await start())
    scripts = await ensureScripts(host)
  })
  afterAll(() => stop())

  test('scripts stand in a folder named by their content and are brought once', async () => {
    expect(scripts('fenced.sh')).toMatch(new RegExp(`^${host.root}/bin/[0-9a-f]{16}/fenced\\.sh$`))
    expect(statSync(scripts('fenced.sh')).mode & 0o777).toBe(0o755)
    expect(await ensureScripts(host)).toBe(scripts)
    expect(() => scripts('other.sh')).toThrow('no script')
  })

  test('the same number and higher ones pass, a lower one is refused and does nothing', async () => {
    const act = (number: number) => host.capture(fenced(scripts, lock(), number, cmd('echo', number)), quick)

    expect([await act(9), await act(9), await act(10)]).toEqual(['9\n', '9\n', '10\n'])
    const touch = fenced(scripts, lock(), 8, cmd('touch', `${host.root}/done`))
    await expect(host.run(touch, quick)).rejects.toBeInstanceOf(StaleLeaseError)
    await expect(host.status(touch, quick)).rejects.toBeInstanceOf(StaleLeaseError)
    await expect(act(9)).rejects.toBeInstanceOf(StaleLeaseError)
    expect(existsSync(`${host.root}/done`)).toBe(false)
    expect(readFileSync(lock(), 'utf8')).toBe('00000000000000000010\n')
  })

  test('R04: under a lease nothing is done, written or ended for who has a lower number, and long commands stand side by side', async () => {
    const [early, late] = [3, 4].map((number) => underLease(host, { lockFile: `${host.root}/run.lock`, number }))
    if (!early || !late) throw new Error('map keeps the length')
    const groupFile = `${host.root}/run.group`
    const mark = (name: string) => `${host.root}/${name}`
    await early.run(cmd('touch', mark('early')), quick)

    const long = late.run(cmd('sleep', '1.5'), { ...quick, groupFile })
    await late.run(cmd('touch', mark('late')), quick)
    await expect.poll(() => existsSync(groupFile)).toBe(true)

    await expect(early.run(cmd('touch', mark('again')), quick)).rejects.toBeInstanceOf(StaleLeaseError)
    await expect(early.upload(mark('again'), 'x', 0o600)).rejects.toBeInstanceOf(StaleLeaseError)
    await expect(early.run(cmd('true'), { ...quick, groupFile })).rejects.toThrow()
    await long
    expect([mark('early'), mark('late'), mark('again')].map((file) => existsSync(file))).toEqual([true, true, false])
  })

  test('R04: who takes over waits for what the one before is just doing, but not for what it left running', async () => {
    const [early, late] = [5, 6].map((number) => underLease(host, { lockFile: `${host.root}/turn.lock`, number }))
    if (!early || !late) throw new Error('map keeps the length')
    const file = `${host.root}/turn`
    const removing = early.run(cmd('sh', '-c', `echo begun >${file}; sleep 1; rm ${file}`), quick)
    const pid = Number(await early.capture(cmd('sh', '-c', 'setsid sleep 20 >/dev/null 2>&1 & echo $!'), quick))
    await expect.poll(() => existsSync(file)).toBe(true)

    await late.run(cmd('sh', '-c', `echo written >${file}`), { timeoutMs: 10_000 })

    await removing
    expect(readFileSync(file, 'utf8')).toBe('written\n')
    process.kill(pid)
  })

  test('the exit code is the one of the command', async () => {
    const fail = fenced(scripts, lock(), 20, cmd('sh', '-c', 'exit 75'))

    expect(await host.status(fail, quick)).toBe(75)
    await expect(host.run(fail, quick)).rejects.toBeInstanceOf(RemoteCommandError)
    await expect(host.run(fail, quick)).rejects.not.toBeInstanceOf(StaleLeaseError)
  })

  test('a pipe in it fails as a whole', async () => {
    expect(await host.status(fenced(scripts, lock(), 20, pipe(cmd('false'), cmd('cat'))), quick)).toBe(1)
  })

  test('the next waits until the one before has ended', async () => {
    const log = `${host.root}/log`
    const act = (number: number) => {
      const script = `echo ${number} in >>${log}; sleep 0.2; echo ${number} out >>${log}`
      return host.run(fenced(scripts, `${host.root}/queue.lock`, 1, cmd('sh', '-c', script)), quick)
    }

    await Promise.all([act(1), act(2), act(3)])

    const lines = readFileSync(log, 'utf8').trim().split('\n')
    expect(lines.filter((_, index) => index % 2 === 0).map((line) => line.replace('in', 'out'))).toEqual(
      lines.filter((_, index) => index % 2 === 1),
    )
    rmSync(log)
  })

  test('a daemon that it starts does not keep the lock', async () => {
    const daemon = cmd('sh', '-c', 'setsid sleep 20 >/dev/null 2>&1 & echo $!')
    const pid = Number(await host.capture(fenced(scripts, lock(), 30, daemon), quick))

    await host.run(fenced(scripts, lock(), 30, cmd('true')), { timeoutMs: 5000 })

    process.kill(pid)
  })
})
