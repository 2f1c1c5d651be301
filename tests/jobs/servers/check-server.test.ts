import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CheckItem } from '../../../server/servers/checklist.js'
import { addServer, requestCheck, requestPreparation } from '../../../server/servers/servers.js'
import { startFakeMachine } from '../../support/fake-programs.js'
import { needs } from '../../support/parts.js'
import { type ServersWorld, serversWorld } from '../../support/servers.js'
import { type Sshd, startSshd } from '../../support/sshd.js'

let w: ServersWorld
beforeAll(async () => {
  w = await serversWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const check = async (slug: string) => w.run(await requestCheck(await w.ctx('owner'), slug))
const states = async (id: string) =>
  Object.fromEntries(((await w.row(id)).checklist as CheckItem[]).map(({ key, state }) => [key, state]))
const item = async (id: string, key: string) =>
  ((await w.row(id)).checklist as CheckItem[]).find((one) => one.key === key)

describe('checking this machine', () => {
  it('needs no SSH, and tells what it is', async () => {
    const server = await addServer(await w.ctx('owner'), { kind: 'local', name: null })

    expect(await check(server.slug)).toEqual({ status: 'succeeded', message: null, hint: null })

    expect(Object.keys(await states(server.id))).not.toContain('key')
    expect(await states(server.id)).toMatchObject({ reachable: 'good', git: 'good', edge: 'good', os: 'good' })
    expect(await w.row(server.id)).toMatchObject({
      status: 'ready',
      runtime: 'process',
      edge: 'direct',
      facts: { git: expect.stringMatching(/^\d+\./), programs: expect.arrayContaining(['git']) },
    })
  })
})

describe.skipIf(!needs('sshd'))('checking a server over SSH', () => {
  let sshd: Sshd
  beforeEach(async () => {
    sshd = await startSshd()
    return () => sshd.stop()
  })

  it('pins the host key at the first contact, and says so in an event', async () => {
    const server = await w.add(sshd)

    expect(await check('web-1')).toMatchObject({ status: 'succeeded' })

    expect(await states(server.id)).toMatchObject({
      reachable: 'good',
      'host-key': 'good',
      key: 'good',
      rights: 'good',
    })
    expect(await w.row(server.id)).toMatchObject({ host_key: sshd.hostKey, status: 'ready' })
    expect(await w.events()).toEqual(['server.added', 'server.host-key-pinned'])
  })

  it('says that the key was not accepted, and what to do', async () => {
    const server = await w.add(sshd, { key: 'generate', privateKey: null })

    expect(await check('web-1')).toMatchObject({
      status: 'failed',
      message: `web-1 did not accept the key for the user ${sshd.user}`,
    })

    expect(await states(server.id)).toMatchObject({ reachable: 'good', 'host-key': 'good', key: 'bad', git: 'waiting' })
    const { fix, command } = (await item(server.id, 'key')) ?? {}
    expect(fix).toContain('authorized_keys')
    expect(command).toContain((await w.row(server.id)).public_key)
  })

  it('says that nothing answers there', async () => {
    const server = await w.add(sshd, { port: 1 })

    expect(await check('web-1')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('Could not reach'),
    })

    expect(await states(server.id)).toMatchObject({ reachable: 'bad', key: 'waiting' })
  })

  it('SH-01: a swapped host key stops everything before the sign-in, and shows both fingerprints', async () => {
    const server = await w.add(sshd)
    await check('web-1')
    const { host_key_fingerprint: before } = await w.row(server.id)
    sshd.dropConnections()
    await sshd.changeHostKey()
    const logBefore = sshd.log().length

    const ended = await check('web-1')
    const after = await w.row(server.id)

    expect(ended).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`Expected ${before}, got SHA256:`),
    })
    expect(after).toMatchObject({ host_key_fingerprint: before, host_key_changed_to: sshd.hostKey })
    expect((await item(server.id, 'host-key'))?.text).toContain(String(before))
    expect(sshd.log().slice(logBefore)).not.toMatch(/publickey|Accepted|session/i)

    // Known now: nothing is even asked for over the network, and nothing else can be started.
    const silent = sshd.log().length
    expect(await check('web-1')).toMatchObject({ status: 'failed' })
    expect(sshd.log().length).toBe(silent)
    await expect(
      requestPreparation(await w.ctx('owner'), 'web-1', { runtime: 'process', edge: 'direct' }),
    ).rejects.toThrow('The host key of web-1 has changed')
    expect((await w.events()).filter((type) => type === 'server.host-key-changed')).toHaveLength(1)
  })

  it('CI-11: takes what a hostile machine answers as data, cut to what a page can hold', async () => {
    const machine = await startFakeMachine()
    const server = await w.add(machine)
    const canary = `${machine.folder}/canary`
    machine.program('uname', `printf '\\033]0;owned\\007$(touch ${canary}) <script>alert(1)</script>%01000d\\n' 1`)
    machine.program('git', `printf 'git version $(touch ${canary})\\n'`)
    machine.program('nproc', 'echo 99999999999999999999')
    machine.program('df', 'echo one line only')

    expect(await check('web-1')).toMatchObject({ status: 'succeeded' })

    const { facts, status } = await w.row(server.id)
    expect(facts).toMatchObject({
      git: null,
      cpus: null,
      diskFreeBytes: null,
      kernel: expect.stringMatching(/^\$\(touch .{1,112}$/),
    })
    expect(status).toBe('new')
    expect(existsSync(canary)).toBe(false)
    await machine.stop()
  })

  it('CI-11: ends with a sentence when a machine prints without end', async () => {
    const machine = await startFakeMachine()
    await w.add(machine)
    machine.program('uname', 'yes')
    expect(await check('web-1')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('printed more than the panel accepts'),
    })
    await machine.stop()
  })

  it('CI-11: ends with a sentence when a machine never says how a command ended', async () => {
    const machine = await startFakeMachine()
    await w.add(machine)
    machine.program('uname', 'kill -KILL $PPID')
    expect(await check('web-1')).toMatchObject({ status: 'failed', message: expect.stringMatching(/web-1/) })
    await machine.stop()
  })
})
