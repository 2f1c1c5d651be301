import { mkdirSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { cmd } from '../../server/platform/shell/command.js'
import { localRoot } from '../../server/servers/local-root.js'
import {
  acceptNewHostKey,
  addServer,
  ensureLocalServer,
  findServer,
  removeServer,
  requestCheck,
  updateServer,
} from '../../server/servers/servers.js'
import { needs } from '../support/parts.js'
import { type ServersWorld, serversWorld } from '../support/servers.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let w: ServersWorld
beforeAll(async () => {
  w = await serversWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const check = async (slug: string) => w.run(await requestCheck(await w.ctx('owner'), slug))

describe('this machine', () => {
  it('is there after setup, once, however often it is asked for', async () => {
    const ctx = await w.ctx('owner')

    await ensureLocalServer(ctx)
    await ensureLocalServer(ctx)
    await ensureLocalServer(await w.ctx('stranger'))

    expect(await w.test.query('select team_id, name, kind from servers')).toEqual([
      { team_id: w.acme.id, name: 'This machine', kind: 'local' },
    ])
  })

  it('is never the container that the panel runs in', async () => {
    const ctx = await w.ctx('owner')
    const config = { ...w.services.config, isInContainer: true }
    const inContainer = TeamCtx.system({ ...w.services, config }, ctx.team)

    await ensureLocalServer(inContainer)

    await expect(addServer(inContainer, { kind: 'local', name: null })).rejects.toThrow('runs in a container')
    expect(await w.test.query('select id from servers')).toEqual([])
  })

  it('keeps its folder in the data folder, unless the users of sites could not pass', async () => {
    const folder = `${w.folder}/data`
    mkdirSync(folder, { recursive: true })
    await chmod(w.folder, 0o711)
    expect(await localRoot(folder)).toBe(`${folder}/host`)

    await chmod(w.folder, 0o700)
    expect(await localRoot(folder)).toBe(process.getuid?.() === 0 ? '/var/lib/hostler' : `${folder}/host`)
  })
})

describe('the name of a server', () => {
  it('gives slugs that are each their own, and never the address of the form', async () => {
    const ctx = await w.ctx('owner')
    const add = (name: string) =>
      addServer(ctx, {
        kind: 'ssh',
        name,
        address: 'web',
        port: 22,
        user: 'root',
        key: 'generate',
        privateKey: null,
        root: null,
      })

    const made = await Promise.all(['Web 1', 'web-1', 'New', '東京', 'web 1'].map(add))

    expect(new Set(made.map(({ slug }) => slug))).toEqual(
      new Set(['web-1', 'web-1-2', 'web-1-3', 'server', 'server-2']),
    )
  })
})

describe.skipIf(!needs('sshd'))('the host key of a server', () => {
  let sshd: Sshd
  beforeEach(async () => {
    sshd = await startSshd()
    return () => sshd.stop()
  })
  const swap = async () => {
    sshd.dropConnections()
    await sshd.changeHostKey()
  }
  const fingerprints = async (id: string) => {
    const { host_key_fingerprint: pinned, host_key: line } = await w.row(id)
    return { pinned, line }
  }

  it('SH-01: is changed only by accepting the one that was shown, and only while it is still that one', async () => {
    const ctx = await w.ctx('owner')
    const { id } = await w.add(sshd)
    await check('web-1')
    const { pinned } = await fingerprints(id)
    await swap()
    await check('web-1')
    const host = () => w.services.hosts.get(id)
    await expect(host()).rejects.toThrow(`Expected ${pinned}, got SHA256:`)

    await expect(acceptNewHostKey(ctx, 'web-1', `SHA256:${'A'.repeat(43)}`)).rejects.toThrow('has not shown this key')
    const shown = await host().then(
      () => '',
      (error) => error.seen.fingerprint,
    )
    await acceptNewHostKey(ctx, 'web-1', shown)
    await acceptNewHostKey(ctx, 'web-1', shown)

    expect(await fingerprints(id)).toEqual({ pinned: shown, line: sshd.hostKey })
    await (await host()).run(cmd('true'), { timeoutMs: 5000 })
    expect((await w.events()).filter((type) => type === 'server.host-key-accepted')).toHaveLength(1)
  })

  it('is pinned once when two meet it for the first time', async () => {
    const { id } = await w.add(sshd)

    await Promise.all([1, 2, 3].map(async () => (await w.services.hosts.get(id)).run(cmd('true'), { timeoutMs: 5000 })))

    expect(await fingerprints(id)).toMatchObject({ line: sshd.hostKey })
    expect((await w.events()).filter((type) => type === 'server.host-key-pinned')).toHaveLength(1)
  })

  it('is pinned anew for another address, and kept for another name', async () => {
    const ctx = await w.ctx('owner')
    const { id } = await w.add(sshd)
    await check('web-1')

    await updateServer(ctx, 'web-1', { name: 'Web one', key: 'keep', privateKey: null })
    expect(await fingerprints(id)).toMatchObject({ line: sshd.hostKey })
    expect((await w.row(id)).slug).toBe('web-1')

    await updateServer(ctx, 'web-1', { address: 'localhost', key: 'keep', privateKey: null })
    expect(await w.row(id)).toMatchObject({ host_key: null, status: 'new' })
  })

  it('closes the door of a server that was removed', async () => {
    const ctx = await w.ctx('owner')
    const { id, name } = await w.add(sshd)
    await check('web-1')

    await removeServer(ctx, 'web-1', name)

    await expect(w.services.hosts.get(id)).rejects.toMatchObject({ status: 404 })
    await expect(ctx.transaction((tx) => findServer(tx, 'web-1'))).rejects.toMatchObject({ status: 404 })
  })
})
