import type { Secret } from '../../platform/secret.js'
import type { Host } from '../../platform/ssh/host.js'
import type { StackName } from '../stacks/stack.js'

export type RuntimeName = 'docker' | 'process'

/** Where a site lives on one machine. */
export interface SitePlace {
  readonly siteId: string
  readonly slug: string
  /** The system user that its builds and instances run as, e.g. "hs-0190c3f2a1b4". */
  readonly user: string
  /** `<host.root>/sites/<siteId>` */
  readonly folder: string
}

/** Ceilings that the machine enforces. `cpus` may be a fraction. */
export interface Limits {
  readonly memoryMb: number
  readonly cpus: number
}

export interface BuildPlan extends Limits {
  readonly place: SitePlace
  readonly release: number
  /** A folder on the host with the commit checked out; it is only read. */
  readonly source: string
  readonly stack: StackName
  /** Inside the repository, "" for its top. */
  readonly rootFolder: string
  /** Exact. Null only for the stack `dockerfile`. */
  readonly nodeVersion: string | null
  readonly buildCommand: string | null
  readonly startCommand: string | null
  /** Of the stack `static`: what is served, relative to the root folder. */
  readonly staticFolder: string | null
  readonly buildEnvironment: Environment
}

export type Environment = Readonly<Record<string, Secret>>

/** One running copy of a release. Release and port name it, so that the same release can be started anew beside itself. */
export interface InstancePlan extends Limits {
  readonly place: SitePlace
  readonly release: number
  /** What `build` returned. */
  readonly artifact: string
  /** It must listen on 127.0.0.1:port; it is told so by PORT. */
  readonly port: number
  /** Where a program of one's own image listens when it does not obey PORT (nginx: 80). */
  readonly containerPort: number | null
  readonly stack: StackName
  readonly rootFolder: string
  /** Null: what the stack starts by itself (the static server, the image's own command). */
  readonly startCommand: string | null
  readonly staticFolder: string | null
  readonly nodeVersion: string | null
}

export interface Observation {
  readonly state: 'starting' | 'running' | 'exited' | 'missing'
  /** Of the last run that ended, also when the next is already up. 128 + n: ended by signal n. */
  readonly exitCode: number | null
  /** Why it ended, for people: "It used more than its 64 MB of memory and was killed". */
  readonly reason: string | null
  readonly restarts: number
  readonly startedAt: Date | null
  readonly lastLines: readonly string[]
}

export interface WorkIo {
  readonly signal: AbortSignal
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void
  /** On the host: names the process group, so that a step that runs again ends the lost one first. */
  readonly groupFile: string
  readonly timeoutMs: number
}

export interface LogsOptions {
  readonly follow: boolean
  readonly lines: number
  /** `at` is null where the supervisor keeps no times. */
  readonly onLine: (line: string, at: Date | null) => void
  readonly signal: AbortSignal
}

/** What is there, whether or not a row knows of it. */
export interface Leftovers {
  readonly instances: readonly { readonly release: number; readonly port: number }[]
  readonly releases: readonly number[]
}

/** How releases are built and kept running. Every act may be done twice. */
export interface Runtime {
  readonly name: RuntimeName
  /** The user, folders, the Node version, generated files: everything but the site's own commands. */
  prepareBuild(host: Host, plan: BuildPlan, io: WorkIo): Promise<void>
  build(host: Host, plan: BuildPlan, io: WorkIo): Promise<{ artifact: string }>
  /** Into 0600 files; never into arguments. */
  writeEnvironment(host: Host, instance: InstancePlan, environment: Environment): Promise<void>
  /** The release command (migrations), in the new build with the environment that was written for the instance. */
  release(host: Host, instance: InstancePlan, command: string, io: WorkIo): Promise<void>
  start(host: Host, instance: InstancePlan): Promise<void>
  observe(host: Host, instance: InstancePlan): Promise<Observation>
  /** Ends when all was shown or, while following, when the signal aborts. */
  logs(host: Host, instance: Pick<InstancePlan, 'place' | 'release' | 'port'>, options: LogsOptions): Promise<void>
  /** TERM, at most `drainSeconds` of waiting, then KILL for whatever is left. */
  stop(
    host: Host,
    instance: Pick<InstancePlan, 'place' | 'release' | 'port'>,
    options: { drainSeconds: number },
  ): Promise<void>
  /** Stops it first where it runs: at once, unless it is given time to drain. */
  removeInstance(
    host: Host,
    instance: Pick<InstancePlan, 'place' | 'release' | 'port'>,
    options?: { drainSeconds: number },
  ): Promise<void>
  removeRelease(host: Host, release: Pick<BuildPlan, 'place' | 'release'>): Promise<void>
  listLeftovers(host: Host, place: SitePlace): Promise<Leftovers>
  /** The site with its user, folder and everything that runs. */
  removePlace(host: Host, place: SitePlace): Promise<void>
}
