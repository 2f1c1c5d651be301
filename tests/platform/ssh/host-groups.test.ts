import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cmd } from '../../../server/platform/shell/command.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { CommandTimeoutError } from '../../../server/platform/ssh/remote-command-error.js'
import { hostKinds, sshHost } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'
import { membersOf } from '../../support/process-groups.js'
import { startSshd } from '../../support/sshd.js'

const quick = { timeoutMs: 30_000 }

/** A command that tells its group, has children, and goes on for long. */
const long = cmd('sh', '-c', 'sleep 300 & sleep 300 & ps -o pgid= -p $$; wait')
/** The same with a member that TERM does not end. */
const stubborn = cmd('sh', '-c', '(trap "" TERM; ps -o pgid= -p $$; while :; do sleep 1; done) & wait')

/** Starts it and gives its group as soon as it has told it. */
async function started(host: Host, command: typeof long, options: { groupFile?: string; timeoutMs?: number } = {}) {
  const abort = new AbortController()
  let ended: Promise<unknown> = Promise.resolve()
  const group = await new Promise<number>((resolve, reject) => {
    const onLine = (line: string) => resolve(Number(line))
    ended = host.run(command, { ...quick, ...options, signal: abort.signal, onLine }).catch((error: unknown) => {
      reject(error)
      return error
    })
  })
  return { abort, group, ended }
}

describe.skipIf(!needs('sshd', 'setsid')).each(hostKinds)('%s', (_, start) => {
  let host: Host
  let stop: () => Promise<void>

  beforeAll(async () => {
    ;({ host, stop } = await start())
  })
  afterAll(() => stop())

  test('cancel ends the whole group of that command and of no other', async () => {
    const other = await started(host, long)
    const { abort, group, ended } = await started(host, long)
    expect(membersOf(group).length).toBeGreaterThan(2)

    abort.abort(new Error('cancelled by Ada'))

    expect(await ended).toEqual(new Error('cancelled by Ada'))
    expect(membersOf(group)).toEqual([])
    expect(membersOf(other.group).length).toBeGreaterThan(2)
    other.abort.abort()
    await other.ended
    expect(membersOf(other.group)).toEqual([])
  })

  test('what TERM does not end is killed after five seconds', async () => {
    const { abort, group, ended } = await started(host, stubborn)
    const begun = performance.now()

    abort.abort()
    await ended

    expect(performance.now() - begun).toBeGreaterThan(4000)
    expect(membersOf(group)).toEqual([])
  })

  test('a timeout ends the group and says so', async () => {
    const { group, ended } = await started(host, long, { timeoutMs: 1500 })

    expect(await ended).toBeInstanceOf(CommandTimeoutError)
    expect(membersOf(group)).toEqual([])
  })

  test('a signal that is aborted already starts nothing', async () => {
    const file = `${host.root}/not-started`

    await expect(
      host.run(cmd('touch', file), { ...quick, signal: AbortSignal.abort(new Error('no')) }),
    ).rejects.toThrow('no')

    expect(existsSync(file)).toBe(false)
  })

  test('the group is in its file before the command starts', async () => {
    const groupFile = `${host.root}/a.group`

    const told = await host.capture(cmd('sh', '-c', `cat ${groupFile}; ps -o pgid= -p $$; ps -o sid= -p $$`), {
      ...quick,
      groupFile,
    })

    const [first = '', group = '', session = ''] = told.split('\n').map((line) => line.trim())
    expect(first).toMatch(/^\d+ \d+$/)
    expect([group, session]).toEqual([first.split(' ')[0], first.split(' ')[0]])
  })

  test('a run ends the group that an earlier one left in the same file', async () => {
    const groupFile = `${host.root}/b.group`
    const earlier = await started(host, long, { groupFile })

    expect(await host.capture(cmd('echo', 'next'), { ...quick, groupFile })).toBe('next\n')

    expect(membersOf(earlier.group)).toEqual([])
    expect(await earlier.ended).toBeInstanceOf(Error)
  })

  test('a group whose leader is gone is known by the mark of its members', async () => {
    const groupFile = `${host.root}/c.group`
    const earlier = await started(host, long, { groupFile })
    process.kill(earlier.group, 'SIGKILL')
    expect(membersOf(earlier.group).length).toBeGreaterThan(1)

    await host.run(cmd('true'), { ...quick, groupFile })

    expect(membersOf(earlier.group)).toEqual([])
  })

  test('another group that has the same id by now is left alone', async () => {
    const groupFile = `${host.root}/d.group`
    const stranger = await started(host, long)
    writeFileSync(groupFile, `${stranger.group} 12345\n`)

    await host.run(cmd('true'), { ...quick, groupFile })

    expect(membersOf(stranger.group).length).toBeGreaterThan(2)
    stranger.abort.abort()
    await stranger.ended
  })

  test.each(['', 'x', '1 1', '0 5', '-1 3', '$(id) 3', '2'])(
    'a group file with %j in it ends nothing',
    async (text) => {
      const groupFile = `${host.root}/e.group`
      writeFileSync(groupFile, text)

      await host.run(cmd('true'), { ...quick, groupFile })

      expect(readFileSync(groupFile, 'utf8')).toMatch(/^\d+ \d+\n$/)
    },
  )
})

describe.skipIf(!needs('sshd', 'setsid'))('R13: a link that is cut in the middle of a command', () => {
  test('the command ends with a sentence, and the next with its group file ends what was left', async () => {
    const sshd = await startSshd()
    const host = sshHost(sshd)
    const groupFile = `${host.root}/build.group`
    const { group, ended } = await started(host, long, { groupFile })

    sshd.dropConnections()

    expect(await ended).toMatchObject({ message: 'The connection to web-1 was lost' })
    const next = sshHost(sshd)
    await next.run(cmd('true'), { ...quick, groupFile })
    expect(membersOf(group)).toEqual([])
    await Promise.all([host.close(), next.close()])
    await sshd.stop()
  })

  test('R14: without a group file the same host ends it on its next contact', async () => {
    const sshd = await startSshd()
    const host = sshHost(sshd)
    const { group, ended } = await started(host, long)

    sshd.dropConnections()
    await ended
    await host.run(cmd('true'), quick)

    expect(membersOf(group)).toEqual([])
    await host.close()
    await sshd.stop()
  })
})
