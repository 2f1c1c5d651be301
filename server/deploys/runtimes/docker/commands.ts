import { type Command, cmd, type Word } from '../../../platform/shell/command.js'
import type { InstanceId } from '../places.js'
import { instanceFolder, instanceName } from '../places.js'
import type { InstancePlan, SitePlace } from '../runtime.js'

export const siteLabel = (place: SitePlace): string => `hostler.site=${place.siteId}`

export const releaseImage = ({ place, release }: { place: SitePlace; release: number }): string =>
  `hostler/${place.siteId}:${release}`

/** Prints the path of a client that can build. */
export const findClient = (script: string): Command => cmd('sh', script)

export const imageExists = (image: string): Command => cmd('docker', 'image', 'inspect', '--format', '{{.Id}}', image)

/** The Dockerfile comes by stdin. */
export const buildBase = (client: string, image: string, context: string): Command =>
  cmd('env', 'DOCKER_BUILDKIT=1', client, 'build', '--progress', 'plain', '--tag', image, '--file', '-', '--', context)

export interface ImageBuild {
  readonly client: string
  readonly image: string
  readonly labels: readonly string[]
  readonly dockerfile: string
  readonly context: string
  /** Name to file. */
  readonly secrets: Readonly<Record<string, string>>
}

export const buildImage = (build: ImageBuild): Command =>
  cmd(
    ...(['env', 'DOCKER_BUILDKIT=1', build.client, 'build', '--progress', 'plain', '--tag', build.image] as const),
    ...build.labels.flatMap((label) => ['--label', label]),
    ...Object.entries(build.secrets).flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`]),
    ...['--file', build.dockerfile, '--', build.context],
  )

export interface ContainerRun {
  readonly instance: InstancePlan
  readonly script: string
  /** Names whose values with-variables.sh holds. */
  readonly variables: readonly string[]
  /** Holds `start` and `command`. Null: the image starts by itself. */
  readonly commandFolder: string | null
  readonly authorities: string | null
}

export const createContainer = (run: ContainerRun): Command => {
  const { instance } = run
  return withVariables(run, [
    ...['docker', 'create', '--name', instanceName(instance), '--restart', 'unless-stopped'],
    ...['--publish', `127.0.0.1:${instance.port}:${instance.containerPort ?? instance.port}`],
    ...['--log-driver', 'json-file', '--log-opt', 'max-size=2m', '--log-opt', 'max-file=5'],
    ...confined(run),
  ])
}

export const runOnce = (run: ContainerRun, name: string): Command =>
  withVariables(run, ['docker', 'run', '--rm', '--name', name, '--log-driver', 'none', ...confined(run)])

const withVariables = ({ script, instance }: ContainerRun, words: readonly Word[]): Command =>
  cmd('sh', script, `${instanceFolder(instance)}/variables.sh`, ...words)

function confined({ instance, variables, commandFolder, authorities }: ContainerRun): Word[] {
  const folder = instanceFolder(instance)
  return [
    ...['--init', '--label', siteLabel(instance.place), '--label', `hostler.release=${instance.release}`],
    ...['--memory', `${instance.memoryMb}m`, '--memory-swap', `${instance.memoryMb}m`],
    // Not `--cpus`: Docker refuses to start what may use more than the machine has.
    ...['--cpu-period', 100_000, '--cpu-quota', Math.max(1000, Math.round(instance.cpus * 100_000))],
    ...['--pids-limit', 1024, '--security-opt', 'no-new-privileges', '--cap-drop', 'ALL'],
    ...(instance.stack === 'dockerfile' ? ofRootImages.flatMap((name) => ['--cap-add', name]) : []),
    ...['--env-file', `${folder}/env.list`, ...variables.flatMap((name) => ['--env', name])],
    ...(authorities === null ? [] : ['--mount', readOnly(authorities, '/hostler/authorities')]),
    ...(commandFolder === null ? [instance.artifact] : started(commandFolder, instance.artifact)),
  ]
}

const started = (folder: string, image: string): Word[] => [
  ...['--mount', readOnly(`${folder}/start`, '/hostler/start')],
  ...['--mount', readOnly(`${folder}/command`, '/hostler/command')],
  ...['--entrypoint', '/bin/sh', image, '/hostler/start'],
]

const readOnly = (source: string, target: string): string => `type=bind,source=${source},target=${target},readonly`

/** Other people's images expect to start as root, own their folders and step down by themselves (nginx, for one). */
const ofRootImages = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'NET_BIND_SERVICE'] as const

export const startContainer = (name: string): Command => cmd('docker', 'start', name)

export const inspectContainer = (name: string): Command =>
  cmd(
    'docker',
    'container',
    'inspect',
    '--format',
    '{"id":{{json .Id}},"state":{{json .State}},"restarts":{{.RestartCount}}}',
    name,
  )

/**
 * "die 1732000000000000000 137" and "oom 1732000000000000000 ", with nanoseconds, as they came. Docker forgets how a run ended as soon as the next one is up; its events do not.
 * Asked by the whole id: Docker takes a name for the beginning of one, and would tell of the site's release command, too.
 */
export const containerEnds = (id: string): Command =>
  cmd(
    ...(['docker', 'events', '--since', '24h', '--until', '0s', '--filter', `container=${id}`] as const),
    ...['--filter', 'event=die', '--filter', 'event=oom'],
    ...['--format', '{{.Action}} {{.TimeNano}} {{.Actor.Attributes.exitCode}}'],
  )

export const containerLogs = (name: string, { lines, follow }: { lines: number; follow: boolean }): Command =>
  cmd('docker', 'logs', '--timestamps', '--tail', lines, ...(follow ? ['--follow'] : []), name)

/** `-t`: its long name changed between versions. */
export const stopContainer = (name: string, drainSeconds: number): Command =>
  cmd('docker', 'stop', '-t', drainSeconds, name)

export const removeContainer = (name: string): Command => cmd('docker', 'rm', '--force', '--volumes', name)

export const removeImage = (image: string): Command => cmd('docker', 'image', 'rm', '--force', image)

export const listContainers = (place: SitePlace): Command =>
  cmd('docker', 'ps', '--all', '--filter', `label=${siteLabel(place)}`, '--format', '{{.Names}}')

/** Names; an image that a later build of the same release took the name from has none. */
export const listImages = (place: SitePlace): Command =>
  cmd('docker', 'image', 'ls', '--filter', `label=${siteLabel(place)}`, '--format', '{{.Repository}}:{{.Tag}}')

export const commandContainer = ({ place, release, port }: InstanceId): string =>
  `hostler-${place.siteId}-${release}-${port}-command`

export const listImageIds = (place: SitePlace): Command =>
  cmd('docker', 'image', 'ls', '--quiet', '--filter', `label=${siteLabel(place)}`)

/** Only those without a name that nothing uses. */
export const pruneImages = (place: SitePlace): Command =>
  cmd('docker', 'image', 'prune', '--force', '--filter', `label=${siteLabel(place)}`)
