import { describe, expect, test } from 'vitest'
import * as docker from '../../../server/deploys/runtimes/docker/commands.js'
import { environmentFiles } from '../../../server/deploys/runtimes/docker/environment-files.js'
import { observationOf, parseInspected } from '../../../server/deploys/runtimes/docker/observation.js'
import { checkedKey, shellEnvironment } from '../../../server/deploys/runtimes/environment.js'
import * as process from '../../../server/deploys/runtimes/process/commands.js'
import { parseLogLine, parseObservation } from '../../../server/deploys/runtimes/process/observation.js'
import { planText } from '../../../server/deploys/runtimes/process/plan.js'
import { unitText } from '../../../server/deploys/runtimes/process/unit.js'
import type { InstancePlan } from '../../../server/deploys/runtimes/runtime.js'
import { Secret } from '../../../server/platform/secret.js'
import { toShell } from '../../../server/platform/shell/render.js'

const place = { siteId: '0190', slug: 'shop', user: 'hs-0190', folder: '/srv/h/sites/0190' }
const instance: InstancePlan = {
  place,
  release: 4,
  artifact: 'hostler/0190:4',
  port: 8031,
  containerPort: null,
  stack: 'node',
  rootFolder: '',
  startCommand: 'npm start',
  staticFolder: null,
  nodeVersion: '22.23.0',
  memoryMb: 256,
  cpus: 0.5,
}
const script = '/srv/h/bin/1/with-variables.sh'
const folder = '/srv/h/sites/0190/instances/4-8031'
const run = { instance, script, variables: ['KEY'], commandFolder: folder, authorities: null }

const confinement =
  '--init --label hostler.site=0190 --label hostler.release=4 --memory 256m --memory-swap 256m --cpu-period 100000 --cpu-quota 50000 ' +
  '--pids-limit 1024 --security-opt no-new-privileges --cap-drop ALL'
const started =
  `--env-file ${folder}/env.list --env KEY --mount type=bind,source=${folder}/start,target=/hostler/start,readonly ` +
  `--mount type=bind,source=${folder}/command,target=/hostler/command,readonly ` +
  '--entrypoint /bin/sh hostler/0190:4 /hostler/start'

describe('a line of Docker', () => {
  test.each([
    [
      docker.createContainer(run),
      `sh ${script} ${folder}/variables.sh docker create --name hostler-0190-4-8031 --restart unless-stopped ` +
        `--publish 127.0.0.1:8031:8031 --log-driver json-file --log-opt max-size=2m --log-opt max-file=5 ${confinement} ${started}`,
    ],
    [
      docker.runOnce(run, 'n'),
      `sh ${script} ${folder}/variables.sh docker run --rm --name n --log-driver none ${confinement} ${started}`,
    ],
    [
      docker.createContainer({
        ...run,
        instance: { ...instance, stack: 'dockerfile', containerPort: 80 },
        variables: [],
        commandFolder: null,
      }),
      `sh ${script} ${folder}/variables.sh docker create --name hostler-0190-4-8031 --restart unless-stopped ` +
        `--publish 127.0.0.1:8031:80 --log-driver json-file --log-opt max-size=2m --log-opt max-file=5 ${confinement} ` +
        '--cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add SETGID --cap-add SETUID --cap-add NET_BIND_SERVICE ' +
        `--env-file ${folder}/env.list hostler/0190:4`,
    ],
    [
      docker.buildImage({
        client: '/usr/bin/docker',
        image: 'hostler/0190:4',
        labels: ['hostler.site=0190'],
        dockerfile: '/b/Dockerfile',
        context: '/src',
        secrets: { build: '/b/secret-build' },
      }),
      'env DOCKER_BUILDKIT=1 /usr/bin/docker build --progress plain --tag hostler/0190:4 --label hostler.site=0190 ' +
        '--secret id=build,src=/b/secret-build --file /b/Dockerfile -- /src',
    ],
    [docker.stopContainer('n', 30), 'docker stop -t 30 n'],
    [docker.removeContainer('n'), 'docker rm --force --volumes n'],
    [docker.removeImage('i'), 'docker image rm --force i'],
    [docker.containerLogs('n', { lines: 5, follow: true }), 'docker logs --timestamps --tail 5 --follow n'],
    [docker.listContainers(place), "docker ps --all --filter label=hostler.site=0190 --format '{{.Names}}'"],
  ])('is %#', (command, line) => {
    expect(toShell(command)).toBe(line)
  })
})

describe('a line of the process runtime', () => {
  const scripts = (name: string) => `/srv/h/bin/1/${name}`

  test.each([
    [process.makeSitePlace(scripts, place, '/srv/h'), 'sh /srv/h/bin/1/site-user.sh hs-0190 /srv/h/sites/0190 /srv/h'],
    [process.start(scripts, folder), `sh /srv/h/bin/1/supervisor.sh start ${folder}`],
    [process.stop(scripts, folder, 30), `sh /srv/h/bin/1/supervisor.sh stop ${folder} 30`],
    [process.logs(scripts, folder, { lines: 9, follow: true }), `sh /srv/h/bin/1/supervisor.sh logs ${folder} 9 yes`],
    [process.runJob(folder), `sh ${folder}/start`],
  ])('is %#', (command, line) => {
    expect(toShell(command)).toBe(line)
  })
})

const job = {
  place,
  directory: '/srv/h/it s',
  nodeFolder: '/srv/h/node/22.23.0',
  name: 'hostler-0190-4-8031',
  ownSession: true,
  memoryMb: 256,
  cpus: 0.5,
}

test('CI-06: the plan of a job is quoted', () => {
  expect(planText(job)).toBe(`SITE_USER=hs-0190
SITE_HOME=/srv/h/sites/0190/home
DIRECTORY='/srv/h/it s'
NODE_BIN=/srv/h/node/22.23.0/bin
MEMORY_BYTES=268435456
CPU_QUOTA=50000
CGROUP=hostler-0190-4-8031
OWN_SESSION=yes
[ "$(id -u)" = 0 ] || SITE_USER=$(id -un)
`)
})

test('a systemd unit holds the limits and nothing of the site itself', () => {
  expect(unitText({ ...job, directory: '/srv/h/100%' }, folder)).toBe(`[Unit]
Description=hostler-0190-4-8031
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=hs-0190
WorkingDirectory=/srv/h/100%%
ExecStart=/bin/sh /srv/h/sites/0190/instances/4-8031/start unit
ExecStopPost=-+/bin/sh /srv/h/sites/0190/instances/4-8031/on-end
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=30
MemoryMax=256M
MemorySwapMax=0
CPUQuota=50%
TasksMax=1024
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target
`)
})

test('what systemd shows is read', () => {
  const text = (lines: string[]) => `${lines.join('\n')}\n--\nfirst\nlast\n`
  const shown = text([
    'NRestarts=2',
    'ExecMainStartTimestamp=Sat 2026-11-21 09:00:00 UTC',
    'ActiveState=activating',
    'Ended=oom-kill killed KILL',
  ])

  expect(parseObservation(shown, 64)).toEqual({
    state: 'starting',
    exitCode: 137,
    reason: 'It used more than its 64 MB of memory and was killed. Raise the limit, or find what uses so much.',
    restarts: 2,
    startedAt: new Date('2026-11-21T09:00:00Z'),
    lastLines: ['first', 'last'],
  })
  const ended = (how: string) => parseObservation(text(['ActiveState=active', `Ended=${how}`]), 64)
  expect(ended('')).toMatchObject({ state: 'running', exitCode: null, reason: null })
  expect(ended('exit-code exited 3')).toMatchObject({ exitCode: 3, reason: 'It ended with exit code 3.' })
  expect(ended('signal killed NONSENSE')).toMatchObject({ exitCode: null })
  const ending = text(['ActiveState=deactivating', 'Ended='])
  expect(parseObservation(ending, 64)).toMatchObject({ state: 'exited', exitCode: null })
})

test('CI-11: a machine that answers nonsense is read as one on which nothing runs', () => {
  expect(parseObservation('state=$(id)\nexit=-1\nrestarts=1e309\nstarted=x', 64)).toEqual({
    state: 'exited',
    exitCode: null,
    reason: null,
    restarts: 0,
    startedAt: null,
    lastLines: [],
  })
  expect(parseLogLine('2026-11-21_08:35:25.12345 a b')).toEqual({
    at: new Date('2026-11-21T08:35:25.123Z'),
    text: 'a b',
  })
  expect(parseLogLine('2026-11-21T08:35:25.123456+0200 node[1]: a')).toEqual({
    at: new Date('2026-11-21T06:35:25.123Z'),
    text: 'a',
  })
  expect(parseLogLine('no time')).toEqual({ at: null, text: 'no time' })
})

test('what a container ended with is known when it runs again', () => {
  const state = {
    Status: 'running',
    OOMKilled: false,
    ExitCode: 0,
    StartedAt: '2026-11-21T09:00:00Z',
    FinishedAt: '2026-11-21T08:59:59Z',
    Error: '',
  }
  const inspected = parseInspected(JSON.stringify({ id: 'c0ffee', restarts: 1, state }))

  expect(observationOf(inspected, 'die 1000 3\noom 5000 \ndie 5001 137\n', 64)).toMatchObject({
    exitCode: 137,
    reason: expect.stringContaining('64 MB'),
  })
  // The order in which Docker tells of the two is not always that of the two.
  expect(observationOf(inspected, 'die 5001 137\noom 5002 <no value>\n', 64).reason).toContain('64 MB')
  expect(observationOf(inspected, 'oom 5000 \ndie 5001 137\ndie 9000 3\n', 64)).toMatchObject({
    exitCode: 3,
    reason: 'It ended with exit code 3.',
  })
  expect(observationOf(inspected, '', 64)).toMatchObject({ exitCode: null, reason: null, restarts: 1 })
})

describe('the environment', () => {
  test('goes line by line where that is right, and by name where it is not', () => {
    const files = environmentFiles({
      A: new Secret(" x'$y "),
      B: new Secret('1\n2'),
      C: new Secret('r\r'),
      D: new Secret(''),
    })

    expect(files.list.reveal()).toBe("A= x'$y \nD=\n")
    expect(files.exports.reveal()).toBe("export B='1\n2'\nexport C='r\r'\n")
    expect(files.names).toEqual(['B', 'C'])
  })

  test.each(['PATH', 'LD_PRELOAD', 'DOCKER_HOST', 'BASH_ENV', 'HTTPS_PROXY', 'GODEBUG'])(
    'CI-02: %s of several lines never reaches the client of Docker',
    (key) => {
      expect(() => environmentFiles({ [key]: new Secret('a\nb') })).toThrow(`${key} cannot hold several lines`)
      expect(environmentFiles({ [key]: new Secret('a') }).names).toEqual([])
    },
  )

  test.each(['A;id', 'A=B', '1A', 'A B', '', 'A\nB', '-n', '$(id)'])(
    'CI-05: a key like %j becomes no command',
    (key) => {
      expect(() => checkedKey(key)).toThrow('a key that no program can be given')
      expect(() => shellEnvironment({ [key]: new Secret('x') })).toThrow()
      expect(() => environmentFiles({ [key]: new Secret('x') })).toThrow()
    },
  )
})
