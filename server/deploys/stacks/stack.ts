import type { NodeWish } from '../node-versions/wish.js'
import type { RuntimeName } from '../runtimes/runtime.js'

export type StackName = 'dockerfile' | 'node' | 'static'

export type PackageManager = 'npm' | 'yarn' | 'pnpm'

/** A repository at one commit, wherever it lies. A path that is not there is null, or an empty list. */
export interface Files {
  read(path: string): Promise<string | null>
  /** Names in a folder; folders end in "/". */
  list(folder: string): Promise<readonly string[]>
}

/** What we believe a repository is. People see `why` and may correct all of it. */
export interface Detection {
  readonly stack: StackName
  readonly why: string
  readonly buildCommand: string | null
  readonly startCommand: string | null
  readonly staticFolder: string | null
  readonly nodeWish: NodeWish | null
  readonly packageManager: PackageManager | null
}

/** A kind of site. A plugin enters through the same registry (stacks.ts). */
export interface Stack {
  readonly name: StackName
  /** For people. */
  readonly title: string
  readonly runtimes: readonly RuntimeName[]
  /** Null when the root folder of these files is not of this kind. */
  detect(files: Files): Promise<Detection | null>
}
