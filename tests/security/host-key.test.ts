import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import { hostDoors } from '../../server/servers/servers.js'
import { needs } from '../support/parts.js'
import { eventually } from '../support/sites.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { app, type Stage, startStage } from '../support/stage.js'

describe.skipIf(!needs('git', 'runit', 'root', 'sshd'))('SH-01: another machine in the place of the server', () => {
  let sshd: Sshd
  let stage: Stage
  beforeAll(async () => {
    sshd = await startSshd()
    stage = await startStage({ build_command: 'sleep 2' }, app('one'), sshd)
    await throughTheRow(stage, sshd)
    expect(await stage.deploy()).toMatchObject({ status: 'succeeded', message: null })
  }, 90_000)
  afterAll(async () => {
    await stage?.stop()
    await sshd?.stop()
  })

  const server = async () =>
    (
      await stage.test.database.query<{ host_key: string; host_key_fingerprint: string; host_key_changed_to: string }>(
        'select host_key, host_key_fingerprint, host_key_changed_to from servers',
      )
    )[0]

  const stepsOf = async (id: string) =>
    (
      await stage.test.database.query<{ name: string }>(
        "select name from operation_steps where operation_id = $1 and state = 'running'",
        [id],
      )
    ).map(({ name }) => name)

  it('ends a deploy in its middle, with both fingerprints, and hands it nothing; visitors notice nothing', async () => {
    const before = await server()
    expect(before?.host_key).toBe(sshd.hostKey)
    await stage.repository.commit({ files: app('two') })
    const { number, operation_id: id } = await stage.request()
    const running = stage.runOperation(id)
    await eventually('it builds', async () => (await stepsOf(id)).includes('Build'))

    await sshd.changeHostKey()
    const saidBefore = sshd.log().length
    sshd.dropConnections()
    await running

    const after = await server()
    expect(await stage.find(number)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`Expected ${before?.host_key_fingerprint}, got SHA256:`),
    })
    expect(after).toMatchObject({ ...before, host_key_changed_to: sshd.hostKey })
    expect(sshd.log().slice(saidBefore)).not.toMatch(/publickey|Accepted|session/i)
    expect((await stage.visit()).text).toContain('one')
  }, 90_000)

  it('is not even asked by the next deploy', async () => {
    const saidBefore = sshd.log().length

    expect(await stage.deploy()).toMatchObject({ status: 'failed', message: expect.stringMatching(/host key/i) })

    expect(sshd.log().length).toBe(saidBefore)
    expect((await stage.visit()).text).toContain('one')
  })
})

/** The stage knows its server by heart; here it is reached as in production, by its row and the key that was pinned. */
async function throughTheRow(stage: Stage, sshd: Sshd): Promise<void> {
  const { database, services } = stage.test
  const place = { table: 'servers', id: stage.server.id, column: 'private_key_sealed' }
  await database.query(
    `update servers set kind = 'ssh', address = $1, port = $2, username = $3, private_key_sealed = $4`,
    [sshd.address, sshd.port, sshd.user, services.vault.seal(sshd.privateKey, place)],
  )
  await services.hosts.close()
  Object.assign(services, { hosts: createHosts(...hostDoors(services)) })
}
