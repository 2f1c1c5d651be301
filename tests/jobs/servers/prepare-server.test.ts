import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { requestPreparation } from '../../../server/servers/servers.js'
import { type FakeMachine, startFakeMachine } from '../../support/fake-programs.js'
import { needs } from '../../support/parts.js'
import { type ServersWorld, serversWorld } from '../../support/servers.js'

describe.skipIf(!needs('sshd'))('preparing a server', () => {
  let w: ServersWorld
  let machine: FakeMachine
  beforeAll(async () => {
    w = await serversWorld()
  })
  afterAll(() => w.close())
  beforeEach(async () => {
    await w.reset()
    machine = await startFakeMachine(['git', 'curl', 'runsv'])
    return () => machine.stop()
  })

  const prepare = async (choices: Partial<Parameters<typeof requestPreparation>[2]> = {}) => {
    const id = await requestPreparation(await w.ctx('owner'), 'web-1', {
      runtime: 'process',
      edge: 'direct',
      ...choices,
    })
    return { id, ...(await w.run(id)) }
  }

  /** What a package manager does for us: notes what it was asked and makes the programs appear. */
  const apt = (before = '') =>
    machine.program(
      'apt-get',
      `echo "$DEBIAN_FRONTEND $*" >>${machine.folder}/apt.log; ${before}
      case "$*" in *install*) for name in git curl runsv; do
        printf '#!/bin/sh\\necho git version 2.39.5\\n' >"$(dirname "$0")/$name"; chmod 755 "$(dirname "$0")/$name"
      done ;; esac`,
    )
  const aptLog = () => readFileSync(`${machine.folder}/apt.log`, 'utf8').trim().split('\n')
  const listing = () => {
    const root = `${machine.folder}/root`
    return existsSync(root) ? execFileSync('find', [root, '-printf', '%p %m %s %T@\\n'], { encoding: 'utf8' }) : ''
  }

  it('installs exactly what is missing, and the server is ready', async () => {
    const server = await w.add(machine)
    apt()

    expect(await prepare()).toMatchObject({ status: 'succeeded', message: null })

    expect(aptLog()).toEqual([
      'noninteractive -y -q update',
      'noninteractive -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install --no-install-recommends -- git curl runit',
    ])
    expect(await w.row(server.id)).toMatchObject({
      status: 'ready',
      runtime: 'process',
      edge: 'direct',
      status_message: null,
    })
  })

  it('changes nothing when it is run again, and says so for each step', async () => {
    await w.add(machine)
    apt()
    await prepare()
    const before = listing()

    const again = await prepare()

    expect(again).toMatchObject({ status: 'succeeded' })
    expect(listing()).toBe(before)
    expect(aptLog()).toHaveLength(2)
    expect((await w.lines(again.id)).filter((line) => line.startsWith('Already so'))).toHaveLength(3)
  })

  it('waits, with a note, while another program is installing packages', async () => {
    await w.add(machine)
    apt(
      `if mkdir ${machine.folder}/tried 2>/dev/null; then
        echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended-upgr)' >&2; exit 100; fi`,
    )

    const ended = await prepare()

    expect(ended).toMatchObject({ status: 'succeeded' })
    expect(await w.lines(ended.id)).toContain('Another program is installing packages there; waiting until it is done')
  })

  it('ends with the reason when the installation fails, and the next run starts', async () => {
    const server = await w.add(machine)
    apt("echo 'E: Unable to locate package curl' >&2; exit 100")

    expect(await prepare()).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('knows no package curl'),
    })
    expect(await w.row(server.id)).toMatchObject({ status: 'new', status_message: expect.stringContaining('curl') })

    apt()
    expect(await prepare()).toMatchObject({ status: 'succeeded' })
  })

  it('leaves a server that was ready as it was when Docker cannot be started, and shows what was said there', async () => {
    const server = await w.add(machine)
    apt()
    await prepare()
    machine.program('docker', 'exit 1')
    machine.program('service', "echo 'mount: /sys/fs/cgroup: refused' >&2; exit 1")

    const ended = await prepare({ runtime: 'docker' })

    expect(ended).toMatchObject({ status: 'failed' })
    expect(await w.lines(ended.id)).toContain('mount: /sys/fs/cgroup: refused')
    expect(await w.row(server.id)).toMatchObject({
      status: 'ready',
      runtime: 'process',
      edge: 'direct',
      status_message: expect.any(String),
    })
  })

  it('says plainly that it cannot install on another system', async () => {
    await w.add(machine)
    machine.program(
      'cat',
      `case "$*" in */etc/os-release) printf 'ID=alpine\\nPRETTY_NAME="Alpine Linux 3.20"\\n' ;; *) exec /bin/cat "$@" ;; esac`,
    )

    expect(await prepare()).toMatchObject({
      status: 'failed',
      message: 'Hostler installs packages on Debian and Ubuntu only, and this is Alpine Linux 3.20',
      hint: expect.stringContaining('Missing: git, curl, runit.'),
    })
  })

  it('asked twice at once it is one operation', async () => {
    await w.add(machine)
    const ctx = await w.ctx('owner')
    const choices = { runtime: 'process', edge: 'direct' } as const

    const [one, two] = await Promise.all([1, 2].map(() => requestPreparation(ctx, 'web-1', choices)))

    expect(one).toBe(two)
    expect(await w.events()).toEqual(['server.added', 'server.preparation-requested'])
  })
})
