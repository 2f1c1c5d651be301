import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyPlace } from '../../server/servers/host-targets.js'
import {
  expectNothingLeft,
  expectSentence,
  expectServed,
  type FaultStage,
  startFaultStage,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { eventually, processesOf } from '../support/sites.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { visitedApp } from '../support/visitors.js'

const building = 'sleep 60.3'
const releasing = 'sleep 60.4'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a link to the server that is lost', { timeout: 60_000 }, () => {
  let stage: FaultStage
  let sshd: Sshd
  let link: TcpProxy
  beforeAll(async () => {
    stage = await startFaultStage()
    sshd = await startSshd()
    link = await startTcpProxy(sshd.port)
    const box = stage.test.services.vault.seal(sshd.privateKey, keyPlace(stage.server.id))
    await stage.test.database.query(
      `update servers set kind = 'ssh', address = '127.0.0.1', port = $2, username = $3, private_key_sealed = $4,
       host_key = $5, host_key_fingerprint = '' where id = $1`,
      [stage.server.id, link.port, sshd.user, box, sshd.hostKey],
    )
    await stage.worker()
  }, 90_000)
  afterAll(async () => {
    await stage.stop()
    await link.stop()
    await sshd.stop()
  })

  const isBuilding = async () => processesOf(stage.place.user).some((row) => row.endsWith(building))

  it('R13: in the build: it fails with a sentence, what ran there is ended, and the next deploy is well', async () => {
    await stage.set('build_command', building)
    await stage.repository.commit({ files: visitedApp('two') })
    const deploy = await stage.request()
    await eventually('the build runs', isBuilding, 45_000)

    link.cut()
    const ended = await stage.ended(deploy)

    expect(ended, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'failed' })
    expectSentence(ended)
    expect(await isBuilding()).toBe(false)
    await expectNothingLeft(stage)
    expectServed(stage.visitors, 'one')

    await stage.set('build_command', null)
    const next = await stage.ended(await stage.request())
    expect(next).toMatchObject({ status: 'succeeded', message: null })
    await expect.poll(() => stage.visitors.paths[0]?.at(-1)).toBe('two')
    expectServed(stage.visitors, 'one', 'two')
    await expectNothingLeft(stage)
  })

  it('R13: and stays away while it is undone: it fails, and the next deploy clears what was left there', async () => {
    await stage.set('release_command', releasing)
    const deploy = await stage.request()
    await eventually(
      releasing,
      async () => processesOf(stage.place.user).some((row) => row.endsWith(releasing)),
      45_000,
    )

    link.refuse(true)
    const ended = await stage.ended(deploy)
    expect(ended).toMatchObject({ status: 'failed' })
    expectSentence(ended)
    expectServed(stage.visitors, 'one', 'two')

    link.refuse(false)
    await stage.set('release_command', null)
    expect(await stage.push(visitedApp('three'))).toMatchObject({ status: 'succeeded' })
    await expectNothingLeft(stage)
  })

  it('R15: a server that is not reached at all is said to be so', async () => {
    link.refuse(true)

    const ended = await stage.ended(await stage.request())

    expect(ended).toMatchObject({ status: 'failed', message: expect.stringMatching(/^server-\d+ /) })
    expectSentence(ended)
    await expectNothingLeft(stage)
    expect(stage.visitors.failures).toEqual([])
  })
})
