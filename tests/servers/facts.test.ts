import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cmd } from '../../server/platform/shell/command.js'
import { toShell } from '../../server/platform/shell/render.js'
import { installPackages, makeRoot, mark, pasteLine, readHealth } from '../../server/servers/commands.js'
import { Facts, parseFacts, parseHealth } from '../../server/servers/facts.js'
import { missingPackages, whyNotInstall } from '../../server/servers/packages.js'

const answer = (parts: Record<string, string>) =>
  Object.entries(parts)
    .map(([name, text]) => `${mark(name)}\n${text}`)
    .join('\n')

const debian = {
  user: 'root',
  uid: '0',
  os: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"',
  kernel: 'Linux 6.1.0 x86_64',
  cpus: '4',
  memory: 'MemTotal:        4028440 kB\nMemFree:          100000 kB\nMemAvailable:    3000000 kB',
  disk: 'Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/vda1 40000000000 9000000000 30000000000 24% /',
  systemd: 'yes',
  'has-git': '/usr/bin/git',
  git: 'git version 2.39.5',
  docker: '24.0.7',
  caddy: '2.6.2',
  node: 'v20.19.2',
  'own-nodes': '22.9.0\n24.21.0\n.users.lock',
}

describe('what a server says about itself', () => {
  it('becomes facts', () => {
    expect(parseFacts(answer(debian))).toEqual({
      user: 'root',
      isRoot: true,
      os: { family: 'debian', name: 'Debian GNU/Linux 12 (bookworm)', version: '12' },
      kernel: 'Linux 6.1.0 x86_64',
      cpus: 4,
      memoryTotalBytes: 4028440 * 1024,
      diskTotalBytes: 39_000_000_000,
      diskFreeBytes: 30_000_000_000,
      hasSystemd: true,
      programs: ['git'],
      git: '2.39.5',
      docker: '24.0.7',
      caddy: '2.6.2',
      node: '24.21.0',
    })
  })

  it('CI-11: always fits the schema, whatever it is', () => {
    const part = fc.constantFrom(...Object.keys(debian))
    const hostile = fc.dictionary(
      part,
      fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.constant('9'.repeat(400))),
    )
    fc.assert(
      fc.property(hostile, (lies) => {
        expect(Facts.safeParse(parseFacts(answer({ ...debian, ...lies }))).success).toBe(true)
        parseHealth(answer(lies))
      }),
      { numRuns: 300 },
    )
    expect(Facts.safeParse(parseFacts('')).success).toBe(true)
  })
})

describe('the health of a server', () => {
  const parts = { memory: debian.memory, disk: debian.disk, load: '0.42 0.3 0.1 1/100 99' }

  it('is what changed between two looks at the processor', () => {
    const health = parseHealth(
      answer({ ...parts, cpu: 'cpu  100 0 100 700 100 0 0 0 0 0', 'cpu-later': 'cpu  150 0 125 750 175 0 0 0 0 0' }),
    )

    expect(health).toEqual({
      cpuPercent: 37.5,
      memoryUsedBytes: 1028440 * 1024,
      memoryTotalBytes: 4028440 * 1024,
      diskUsedBytes: 9_000_000_000,
      diskTotalBytes: 39_000_000_000,
      load: 0.42,
      bootId: null,
      relayId: null,
    })
  })

  it.each([
    ['', ''],
    ['cpu  1 2 3 4', 'cpu  1 2 3 4'],
    ['cpu  5 5 5 5', 'cpu  1 1 1 1'],
    ['cpu  x', 'cpu  y'],
  ])('is unknown when the processor says %j and then %j', (cpu, later) => {
    expect(parseHealth(answer({ ...parts, cpu, 'cpu-later': later }))).toBeNull()
  })
})

describe('what is installed', () => {
  const facts = parseFacts(answer(debian))
  const choices = { runtime: 'process', edge: 'direct' } as const

  it('is what these choices need and the machine has not', () => {
    expect(missingPackages(facts, choices)).toEqual(['openssh-client', 'curl', 'ca-certificates', 'libatomic1'])
    expect(missingPackages({ ...facts, hasSystemd: false }, choices)).toContain('runit')
    expect(missingPackages(facts, { runtime: 'docker', edge: 'caddy' })).toEqual(
      expect.arrayContaining(['docker.io', 'caddy']),
    )
  })

  it('is nothing on another system, or without root', () => {
    expect(whyNotInstall(facts)).toBeNull()
    expect(whyNotInstall({ ...facts, os: null })?.why).toContain('another system')
    expect(whyNotInstall({ ...facts, isRoot: false, user: 'ann' })?.why).toContain('runs there as ann')
  })
})

describe('commands', () => {
  it('are whole lines', () => {
    expect(toShell(installPackages(['git', 'curl']))).toBe(
      'env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install --no-install-recommends -- git curl',
    )
    expect(toShell(makeRoot('/srv/my site'))).toBe(
      "mkdir -p -- '/srv/my site/sites' && chmod 711 -- '/srv/my site' '/srv/my site/sites'",
    )
    expect(toShell(readHealth('/srv', cmd('true')))).toContain(
      'df -P -B1 -- /srv || df -P -B1 -- /var || df -P -B1 -- /',
    )
    expect(pasteLine('ssh-ed25519 AAAA it’s')).toBe(
      "mkdir -p ~/.ssh && chmod 700 ~/.ssh && echo 'ssh-ed25519 AAAA it’s' >> ~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys",
    )
  })
})
