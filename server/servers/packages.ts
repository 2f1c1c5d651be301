import type { Facts } from './facts.js'
import type { Preparation } from './schema.js'

export const programNames = ['git', 'ssh', 'curl', 'certificates', 'libatomic', 'runit', 'docker', 'caddy'] as const
export type Program = (typeof programNames)[number]

/** How the presence of a program is seen, and the package that brings it on Debian and Ubuntu. */
export const programs: Record<Program, { looksLike: readonly [string, ...string[]]; package: string }> = {
  git: { looksLike: ['which', 'git'], package: 'git' },
  ssh: { looksLike: ['which', 'ssh'], package: 'openssh-client' },
  curl: { looksLike: ['which', 'curl'], package: 'curl' },
  certificates: { looksLike: ['ls', '/etc/ssl/certs/ca-certificates.crt'], package: 'ca-certificates' },
  // Node 25 and newer do not start without it.
  libatomic: {
    looksLike: ['find', '/lib', '/lib64', '/usr/lib', '-name', 'libatomic.so.1', '-print', '-quit'],
    package: 'libatomic1',
  },
  runit: { looksLike: ['which', 'runsv'], package: 'runit' },
  docker: { looksLike: ['which', 'dockerd'], package: 'docker.io' },
  caddy: { looksLike: ['which', 'caddy'], package: 'caddy' },
}

/** What these choices need on this machine; runit only where systemd does not keep things running. */
export function neededPrograms(facts: Pick<Facts, 'hasSystemd'>, { runtime, edge }: Preparation): Program[] {
  return [
    'git',
    'ssh',
    'curl',
    'certificates',
    'libatomic',
    ...(runtime === 'process' && !facts.hasSystemd ? (['runit'] as const) : []),
    ...(runtime === 'docker' ? (['docker'] as const) : []),
    ...(edge === 'caddy' ? (['caddy'] as const) : []),
  ]
}

/** The exact names that `apt-get install` will be given. */
export const missingPackages = (facts: Pick<Facts, 'hasSystemd' | 'programs'>, choices: Preparation): string[] =>
  neededPrograms(facts, choices)
    .filter((name) => !facts.programs.includes(name))
    .map((name) => programs[name].package)

/** Why Hostler cannot install anything there, or null when it can. */
export function whyNotInstall(facts: Pick<Facts, 'os' | 'isRoot' | 'user'>): { why: string; hint: string } | null {
  if (!facts.os || !['debian', 'ubuntu'].includes(facts.os.family)) {
    return {
      why: `Hostler installs packages on Debian and Ubuntu only, and this is ${facts.os?.name ?? 'another system'}`,
      hint: 'Install what is missing by hand, then check the server again.',
    }
  }
  if (!facts.isRoot) {
    return {
      why: `Installing packages needs root, and Hostler runs there as ${facts.user || 'another user'}`,
      hint: 'Install what is missing by hand as root, then check the server again.',
    }
  }
  return null
}
