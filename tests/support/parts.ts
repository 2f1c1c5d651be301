import { execFileSync } from 'node:child_process'
import { accessSync, appendFileSync, constants, existsSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { expect } from 'vitest'
import { descriptionFile } from '../../bin/lib/test/github-description.js'

/** Why a part is not here, in words, or nothing when it is. */
type Look = () => string | undefined

/** Parts that are more than a program of their name. */
const looks: Record<string, Look> = {
  docker: () =>
    program('docker') ??
    works('docker', ['version', '--format', '{{.Server.Version}}'], 'no docker daemon') ??
    works('docker', ['image', 'inspect', 'debian:bookworm-slim'], 'no base image'),
  systemd: () =>
    program('docker') ??
    works(
      'docker',
      ['image', 'inspect', 'hostler-test-systemd'],
      'no image with systemd, or none that comes up here',
    ) ??
    works('docker', ['network', 'inspect', 'hostler-test-systemd'], 'containers have no network'),
  'github-description': () => (existsSync(descriptionFile) ? undefined : 'not fetched; bin/test does that'),
  chromium: () => program('chromium-headless-shell') && program('chromium'),
  redis: () => program('redis-server'),
  runit: () => program('runsv') ?? program('sv') ?? program('chpst') ?? program('svlogd'),
  root: () => (process.getuid?.() === 0 ? undefined : 'not root'),
}

/**
 * Whether every part that a group of tests drives is on this machine. Parts: docker, systemd, redis, runit, root, or the name
 * of any program (sshd, caddy, restic, chromium). Use: `describe.skipIf(!needs('sshd'))('…', …)`. What is missing is
 * written down, so that the run names it at its end.
 */
export function needs(...parts: string[]): boolean {
  const missing = parts.flatMap((part) => {
    const why = (looks[part] ?? (() => program(part)))()
    return why === undefined ? [] : [`${part} (${why})`]
  })
  for (const part of missing) record(part)
  return missing.length === 0
}

/** The full path of a program, also when a plain user's PATH has no sbin folders; throws when there is none. */
export function programPath(name: string): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`There is no program ${name} on this machine`)
  return path
}

const program = (name: string) => (findProgram(name) === undefined ? `no ${name} program` : undefined)

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function works(command: string, words: string[], otherwise: string): string | undefined {
  try {
    execFileSync(command, words, { stdio: 'ignore', timeout: 10_000 })
    return undefined
  } catch {
    return otherwise
  }
}

/** `bin/test` names the file; without it (vitest alone) nobody reads it. */
function record(missing: string): void {
  const list = process.env.HOSTLER_NOT_RUN
  const file = expect.getState().testPath
  if (list && file) appendFileSync(list, `${JSON.stringify({ file: relative(process.cwd(), file), missing })}\n`)
}
