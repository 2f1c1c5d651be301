import { describe, expect, test } from 'vitest'
import * as commands from '../../server/git/commands.js'
import type { RemoteAccess } from '../../server/git/lockdown.js'
import { parseBranchName, parseCommitSha } from '../../server/git/ref-name.js'
import { parseRepositoryUrl } from '../../server/git/repository-url.js'
import type { Command, Word } from '../../server/platform/shell/command.js'
import { toShell } from '../../server/platform/shell/render.js'

const url = parseRepositoryUrl('https://github.com/owner/name.git')
const access: RemoteAccess = { url, secrets: '/h/git/secrets/1', config: ['credential.helper=x'], environment: ['A=b'] }
const sha = parseCommitSha('a'.repeat(40))
const folder = '/h/git'
const hostile = parseBranchName("a;id$(id)'b")

const everyCommand: Record<string, Command> = {
  initialize: commands.initialize(folder),
  fetchAll: commands.fetchAll(folder, access),
  fetchOne: commands.fetchOne(folder, access, sha),
  fetchPartial: commands.fetchPartial(folder, access, hostile),
  listRemote: commands.listRemote(access),
  askBranch: commands.askBranch(access, hostile),
  keepCommit: commands.keepCommit(folder, sha),
  listKept: commands.listKept(folder),
  forgetKept: commands.forgetKept(folder),
  checkConnections: commands.checkConnections(folder),
  lookUp: commands.lookUp({ folder }),
  listTree: commands.listTree({ folder }, sha, '--output=x'),
  listTreeOfPeek: commands.listTree({ folder, access }, sha, 'src/'),
  readBlob: commands.readBlob({ folder }, sha),
  log: commands.log(folder, 5, sha),
  logMessages: commands.logMessages(folder, 5, sha),
  listChanged: commands.listChanged(folder, sha, sha),
  listSubmodules: commands.listSubmodules(folder, sha),
  checkOut: commands.checkOut(folder, sha, '/h/releases/1'),
  listLargeFiles: commands.listLargeFiles(folder, '/h/releases/1'),
}

describe('a command for Git', () => {
  test('is one whole line, with everything that a repository or a machine could set switched off', () => {
    expect(toShell(commands.fetchAll(folder, access))).toBe(
      'env LC_ALL=C HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 ' +
        'GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 GIT_ALLOW_PROTOCOL=https A=b git -c core.hooksPath=/dev/null ' +
        '-c core.fsmonitor=false -c core.askPass= -c credential.helper= -c submodule.recurse=false ' +
        '-c fetch.recurseSubmodules=false -c protocol.allow=never -c http.followRedirects=false ' +
        '-c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60 -c gc.autoDetach=false -c maintenance.autoDetach=false ' +
        '-c protocol.https.allow=always -c credential.helper=x --git-dir=/h/git/repository.git fetch --quiet --no-tags ' +
        "--no-write-fetch-head --prune --end-of-options https://github.com/owner/name.git '+refs/heads/*:refs/heads/*' " +
        "'+refs/tags/*:refs/tags/*'",
    )
  })

  test('CI-08: is tried below, whichever it is', () => {
    const others = ['partsOf', 'makeFolders', 'tidy']
    expect(Object.keys(commands).filter((name) => !others.includes(name) && !(name in everyCommand))).toEqual([])
  })

  test.each(Object.entries(everyCommand))('CI-08: %s is locked down', (_, command) => {
    for (const words of gitCommandsOf(command)) {
      expect(words).toEqual(expect.arrayContaining(['GIT_CONFIG_NOSYSTEM=1', 'GIT_CONFIG_GLOBAL=/dev/null']))
      expect(words).toEqual(expect.arrayContaining(['core.hooksPath=/dev/null', 'protocol.allow=never']))
      const protocol = words.find((word) => String(word).startsWith('GIT_ALLOW_PROTOCOL='))
      expect(['GIT_ALLOW_PROTOCOL=none', 'GIT_ALLOW_PROTOCOL=https']).toContain(protocol)
    }
  })

  test.each(Object.entries(everyCommand))(
    'CI-07: %s has nothing from outside where an option could stand',
    (_, command) => {
      for (const words of gitCommandsOf(command)) {
        const ref = `refs/heads/${hostile}`
        const values = [url.text, sha, '--output=x', ref, `+${ref}:${ref}`]
        const places = values.map((value) => words.indexOf(value)).filter((place) => place >= 0)
        const end = words.findIndex(
          (word) => word === '--end-of-options' || word === 'blob' || word === 'remote.origin.url',
        )
        for (const place of places) expect(place).toBeGreaterThan(end === -1 ? Number.POSITIVE_INFINITY : end)
      }
    },
  )

  test('CI-01: quotes a branch whose name would run in a shell', () => {
    expect(toShell(commands.fetchPartial(folder, access, hostile))).toContain(
      `origin '+refs/heads/a;id$(id)'\\''b:refs/heads/a;id$(id)'\\''b'`,
    )
  })
})

function gitCommandsOf(command: Command): (readonly Word[])[] {
  if (command.kind === 'join') return command.parts.flatMap(gitCommandsOf)
  if (command.kind === 'into') return gitCommandsOf(command.command)
  return command.words.includes('git') ? [command.words] : []
}
