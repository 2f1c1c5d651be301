import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openToAll } from '../../../server/domains/edges/access.js'
import { urlOfSite } from '../../../server/domains/edges/edge.js'
import { isForgeable } from '../../../server/domains/edges/forwarded.js'
import { isAddress } from '../../../server/domains/edges/layout.js'
import { currentAddress, listAddresses, makeFolders, switchUpstream } from '../../../server/domains/edges/upstream.js'
import { toShell } from '../../../server/platform/shell/render.js'
import { LocalHost } from '../../../server/platform/ssh/local-host.js'

describe('the folder that names the upstream', () => {
  let root: string
  let host: LocalHost
  const site = () => ({ siteId: 's1', folder: `${root}/sites/s1`, port: 8101, hostnames: [], access: openToAll })
  const fence = (number: number) => ({ lockFile: `${root}/lease`, number })
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'hostler-upstream-'))
    host = new LocalHost({ name: 'web-1', root })
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('holds one name after each switch, also where somebody left others in it', async () => {
    const folder = `${site().folder}/upstream`
    await mkdir(folder, { recursive: true })

    await switchUpstream(host, site(), '127.0.0.1:8001', fence(1))
    const first = await readdir(folder)
    await writeFile(`${folder}/127.0.0.1:7000`, '')
    await writeFile(`${folder}/a note`, '')
    await switchUpstream(host, site(), '127.0.0.1:8002', fence(2))
    const second = await readdir(folder)
    await switchUpstream(host, site(), '127.0.0.1:8002', fence(2))

    expect(first).toEqual(['127.0.0.1:8001'])
    expect(second).toEqual(['127.0.0.1:8002'])
    expect(await currentAddress(host, site())).toBe('127.0.0.1:8002')
  })

  it('names nothing before it is there', async () => {
    expect(await currentAddress(host, site())).toBeNull()
  })

  it('is made and listed by these lines', () => {
    const made = { siteId: 's1', folder: '/srv/h/sites/s1', port: 1, hostnames: [], access: openToAll }

    expect(toShell(makeFolders(made))).toBe(
      'mkdir -p -- /srv/h/sites/s1/upstream /srv/h/sites/s1/logs && chmod 0755 -- /srv/h/sites/s1/upstream',
    )
    expect(toShell(listAddresses('/srv/u'))).toBe("{ test -d /srv/u && ls -A -- /srv/u; } || test '!' -e /srv/u")
  })
})

it.each(['127.0.0.1:8981', '172.17.0.2:80', '10.0.0.255:65535'])('takes %s for an address', (text) => {
  expect(isAddress(text)).toBe(true)
})

it.each([
  '',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '256.0.0.1:80',
  'a:80',
  '127.0.0.1:80\n',
  '/1.1.1.1:80',
])('does not take %j for an address', (text) => {
  expect(isAddress(text)).toBe(false)
})

it('knows the headers by which a visitor could pose as another', () => {
  expect(
    ['x-forwarded-for', 'X-Forwarded-Anything', 'forwarded', 'x-real-ip', 'x_forwarded_for'].every(isForgeable),
  ).toBe(true)
  expect(['x-request-id', 'authorization', 'x-forward'].some(isForgeable)).toBe(false)
})

it('gives the address that people open', () => {
  const site = { siteId: 's1', folder: '/f', port: 8101, hostnames: [] as string[], access: openToAll }

  expect(urlOfSite('10.0.0.7', site)).toBe('http://10.0.0.7:8101')
  expect(urlOfSite('fd00::7', site)).toBe('http://[fd00::7]:8101')
  expect(urlOfSite('10.0.0.7', { ...site, hostnames: ['shop.test'] })).toBe('https://shop.test')
})
