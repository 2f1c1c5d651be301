import { describe, expect, test } from 'vitest'
import { UserError } from '../../../server/platform/errors.js'
import { explain } from '../../../server/platform/ssh/explain.js'
import { explanations } from '../../../server/platform/ssh/explanations.js'
import {
  CommandTimeoutError,
  type FailedCommand,
  OutputTooLargeError,
  RemoteCommandError,
  StaleLeaseError,
} from '../../../server/platform/ssh/remote-command-error.js'
import { cpuMsOf } from '../../support/cpu.js'

const failed = (lastLines: string[], exitCode: number | null = 1, signal: string | null = null): FailedCommand => ({
  host: 'web-1',
  display: 'npm run build',
  exitCode,
  signal,
  lastLines,
  isHeard: false,
})

const messageFor = (...lines: string[]) => explain(new RemoteCommandError(failed(lines))).message

/** Real last lines of real programs, and the sentence for them. */
const cases: [string, string][] = [
  ["Error: ENOSPC: System limit for number of file watchers reached, watch '/a'", 'web-1 cannot watch any more files'],
  ["cp: error writing 'a': Disk quota exceeded", 'The disk quota on web-1 is used up'],
  ['tar: ./a: Cannot write: No space left on device', 'The disk on web-1 is full'],
  ['npm error nospc ENOSPC: no space left on device, write', 'The disk on web-1 is full'],
  ["E: You don't have enough free space in /var/cache/apt/archives/.", 'The disk on web-1 is full'],
  ["touch: cannot touch '/a': Read-only file system", 'A file system on web-1 can only be read'],
  ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'Node.js ran out of memory'],
  ['fork: Cannot allocate memory', 'web-1 ran out of memory'],
  ['Error: EMFILE: too many open files, open', 'Too many files are open on web-1'],
  ['bash: fork: retry: Resource temporarily unavailable', 'web-1 cannot start any more processes'],
  ['sudo: a password is required', 'The user that the panel signs in as may not use sudo on web-1 without a password'],
  [
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12',
    'Another program is installing packages on web-1',
  ],
  ['This account is currently not available.', 'The user that the panel signs in as has no shell on web-1'],
  ['E: dpkg was interrupted, you must manually run', 'An earlier installation on web-1 was interrupted'],
  ['E: Unable to locate package caddy', 'web-1 knows no package caddy'],
  ["E: Package 'docker-ce' has no installation candidate", 'web-1 knows no package docker-ce'],
  ['Error: listen EADDRINUSE: address already in use :::3000', 'Port 3000 on web-1 is already taken'],
  ['docker: Bind for 0.0.0.0:8080 failed: port is already allocated.', 'Port 8080 on web-1 is already taken'],
  ['listen tcp 127.0.0.1:80: bind: address already in use', 'A port that is needed on web-1 is already taken'],
  ['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 'Port 80 on web-1 is already taken'],
  [
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'Docker is not running on web-1',
  ],
  ['toomanyrequests: You have reached your pull rate limit.', 'The image registry allows no more downloads for now'],
  ['manifest for node:99 not found: manifest unknown', 'The image node:99 could not be downloaded'],
  ['pull access denied for acme/base, repository does not exist', 'The image acme/base could not be downloaded'],
  ['ERROR: failed to read dockerfile: open Dockerfile: no such file or directory', 'The Dockerfile was not found'],
  ['Host key verification failed.', 'The Git server showed another host key than expected'],
  ['git@github.com: Permission denied (publickey).', 'The Git server did not accept the key'],
  ["fatal: Authentication failed for 'https://git.example/a.git/'", 'The Git server did not accept the token'],
  [
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
    'The Git server did not accept the token',
  ],
  ['fatal: Remote branch live not found in upstream origin', 'The branch live is not in the repository'],
  ["fatal: couldn't find remote ref refs/heads/live", 'The branch live is not in the repository'],
  ['fatal: remote error: upload-pack: not our ref 1f2e3d4c', 'The commit is no longer in the repository'],
  ['fatal: reference is not a tree: 1f2e3d4c', 'The commit is no longer in the repository'],
  ["fatal: repository 'https://git.example/a.git/' not found", 'The repository was not found'],
  ['ERROR: Repository not found.', 'The repository was not found'],
  ["fatal: '/srv/a.git' does not appear to be a git repository", 'The repository was not found'],
  [
    'npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.',
    'The lock file does not match package.json',
  ],
  [
    'npm error The `npm ci` command can only install with an existing package-lock.json',
    'The repository has no package-lock.json',
  ],
  ['npm error code ERESOLVE', 'npm found packages that do not fit together'],
  ["npm error 404  'left-pat@*' is not in this registry.", 'npm did not find the package left-pat@*'],
  ['npm error Missing script: "build"', 'package.json has no script named build'],
  ['npm error code EBADENGINE', 'A package needs another version of Node.js'],
  ["Error: Cannot find module 'express'", 'The program did not find the module express'],
  ['Error: Missing required environment variable: DATABASE_URL', 'The environment variable DATABASE_URL is missing'],
  ['Environment variable "API_KEY" is not set', 'The environment variable API_KEY is missing'],
  [
    "fatal: unable to access 'https://git.example/': Could not resolve host: git.example",
    'web-1 could not find the address of git.example',
  ],
  ['npm error getaddrinfo ENOTFOUND registry.example', 'web-1 could not find the address of registry.example'],
  ["W: Failed to fetch http://a/  Temporary failure resolving 'a'", 'DNS does not work on web-1'],
  [
    'fatal: unable to access: SSL certificate problem: certificate has expired',
    'web-1 does not trust the certificate of the server it spoke to',
  ],
  [
    'curl: (7) Failed to connect: Connection refused',
    'Something that web-1 needs did not answer: the connection was refused',
  ],
  ['connect ETIMEDOUT 10.0.0.9:443', 'web-1 could not reach the other side in time'],
  ['fatal: early EOF', 'The connection that web-1 had made was cut off'],
  ['sh: 1: vite: not found', 'The command vite is not installed on web-1'],
  ['bash: line 1: docker-compose: command not found', 'The command docker-compose is not installed on web-1'],
  ['OCI runtime exec failed: exec: "bash": executable file not found', 'The command bash is not installed on web-1'],
  ["mkdir: cannot create directory '/srv': Permission denied", 'The system on web-1 did not permit it'],
  ['cat: /srv/site/.env: No such file or directory', '/srv/site/.env does not exist on web-1'],
]

describe('explain', () => {
  test.each(cases)('%s', (line, message) => {
    expect(messageFor('> build', line, 'npm error A complete log of this run can be found here')).toBe(message)
  })

  test.each([
    [137, 'The command was killed, most likely because web-1 or its memory limit had no more memory'],
    [127, 'A command is not installed on web-1'],
    [126, 'A command was found but may not be run'],
    [139, 'The command crashed (segmentation fault)'],
    [143, 'The command was asked to stop from outside'],
    [3, 'npm run build failed on web-1 with exit code 3'],
  ])('exit code %i', (exitCode, message) => {
    expect(explain(new RemoteCommandError(failed(['> build'], exitCode))).message).toBe(message)
  })

  test('a signal is what its exit code would be', () => {
    expect(explain(new RemoteCommandError(failed([], null, 'SIGKILL'))).message).toContain('no more memory')
    expect(explain(new RemoteCommandError(failed([], null, 'KILL'))).message).toContain('no more memory')
  })

  test('what the lines say goes before the exit code', () => {
    expect(explain(new RemoteCommandError(failed(['write: No space left on device'], 137))).message).toContain('full')
  })

  test('every explanation has a case here', () => {
    const said = new Set(cases.map(([line]) => explanations.findIndex((one) => one.line?.test(line))))

    expect(explanations.filter((one, index) => one.line && !said.has(index))).toEqual([])
  })

  test('says what happened to a command that we ended', () => {
    const minutes = explain(new CommandTimeoutError(failed([], null), 600_000))

    expect(minutes.message).toBe('npm run build did not finish within 10 minutes on web-1')
    expect(explain(new CommandTimeoutError(failed([], null), 900)).message).toContain('within 1 second on')
    expect(explain(new OutputTooLargeError(failed([], null), 9)).message).toContain(
      'printed more than the panel accepts',
    )
    expect(explain(new StaleLeaseError(failed([], 75))).message).toBe(
      'Another worker has taken over this work on web-1',
    )
  })

  test('a machine that did not say how a command ended', () => {
    expect(explain(new RemoteCommandError(failed([], null))).message).toBe('web-1 did not say how npm run build ended')
  })

  test('keeps the sentence of an error that has one, and tells nothing of a bug', () => {
    expect(explain(new UserError(502, 'Out of reach', 'Turn it on.'))).toEqual({
      message: 'Out of reach',
      hint: 'Turn it on.',
    })
    expect(explain(new TypeError('x is not a function')).message).toBe('Something went wrong')
    expect(explain(undefined).message).toBe('Something went wrong')
  })

  test('no hostile line costs more than linear time', () => {
    const lines = [
      'bind:',
      'a: ',
      '/a',
      'npm ci',
      "npm error 404 '",
      'lookup ',
      'environment variable A',
      "lock file's ",
    ].map((part) => part.repeat(2000))

    expect(cpuMsOf(() => void lines.map((line) => messageFor(line)))).toBeLessThan(1000)
  })
})
