import { all, type Command, cmd, either } from '../platform/shell/command.js'
import { quote } from '../platform/shell/quote.js'
import { type Program, programNames, programs } from './packages.js'

/** Before the answers of each part; a machine that prints it by itself only spoils what is shown of it. */
export const mark = (part: string): string => `== hostler ${part}`

const part = (name: string, command: Command): Command => all(cmd('echo', mark(name)), either(command, cmd('true')))

/** The whole machine in one command; what it does not know is left out of the answer. */
export const lookAround = (root: string): Command =>
  all(
    part('user', cmd('id', '-un')),
    part('uid', cmd('id', '-u')),
    part('os', cmd('cat', '/etc/os-release')),
    part('kernel', cmd('uname', '-srm')),
    part('cpus', cmd('nproc')),
    part('memory', cmd('cat', '/proc/meminfo')),
    part('disk', either(diskOf(root), diskOf('/var'), diskOf('/'))),
    part('systemd', all(cmd('test', '-d', '/run/systemd/system'), cmd('echo', 'yes'))),
    ...programNames.map((name) => part(`has-${name}`, has(name))),
    part('git', cmd('git', '--version')),
    // The server part only answers while the daemon does.
    part('docker', asksDocker()),
    part('caddy', cmd('caddy', 'version')),
    part('node', cmd('node', '--version')),
    // Those that Hostler brought, a folder each.
    part('own-nodes', cmd('ls', '-1', '--', `${root}/node`)),
  )

export const asksDocker = (): Command => cmd('timeout', '10', 'docker', 'version', '--format', '{{.Server.Version}}')

const diskOf = (folder: string): Command => cmd('df', '-P', '-B1', '--', folder)

/**
 * Two looks at the processor a second apart, and once at the rest.
 * @param relay says which relay runs there, and nothing where none does
 */
export const readHealth = (root: string, relay: Command): Command =>
  all(
    part('cpu', cmd('head', '-n', '1', '/proc/stat')),
    cmd('sleep', '1'),
    part('cpu-later', cmd('head', '-n', '1', '/proc/stat')),
    part('load', cmd('cat', '/proc/loadavg')),
    part('memory', cmd('cat', '/proc/meminfo')),
    part('disk', either(diskOf(root), diskOf('/var'), diskOf('/'))),
    part('boot', cmd('cat', '/proc/sys/kernel/random/boot_id')),
    part('relay', relay),
  )

const apt = (...words: string[]): Command =>
  cmd('env', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1', 'apt-get', '-y', '-q', ...words)

/** Does nothing where no installation was cut off. */
export const finishInterrupted = (): Command =>
  cmd('env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--force-confdef', '--force-confold', '--configure', '-a')

export const refreshPackageLists = (): Command => apt('update')

/** Settings that somebody changed stay as they are. */
export const installPackages = (names: readonly string[]): Command =>
  apt(
    '-o',
    'Dpkg::Options::=--force-confdef',
    '-o',
    'Dpkg::Options::=--force-confold',
    'install',
    '--no-install-recommends',
    '--',
    ...names,
  )

export const isRootReady = (root: string): Command =>
  all(cmd('test', '-d', `${root}/sites`), cmd('test', '-w', `${root}/sites`))

/** Sites' users pass through it to their own folders and may list neither. */
export const makeRoot = (root: string): Command =>
  all(cmd('mkdir', '-p', '--', `${root}/sites`), cmd('chmod', '711', '--', root, `${root}/sites`))

export const startWith = {
  systemd: (unit: string): Command => cmd('systemctl', 'enable', '--now', '--', unit),
  initScript: (unit: string): Command => cmd('service', unit, 'start'),
}

export const has = (program: Program): Command => cmd(...programs[program].looksLike)

/** What a person types on the server, as the user that Hostler signs in as. Only `~` is left to the shell. */
export const pasteLine = (publicKey: string): string =>
  `mkdir -p ~/.ssh && chmod 700 ~/.ssh && echo ${quote(publicKey)} >> ~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys`
