import type { Duplex, Readable } from 'node:stream'
import type { Secret } from '../secret.js'
import type { Command } from '../shell/command.js'
import type { Learned } from './learned.js'

/** The only door to a machine; this one (`LocalHost`) and a remote one (`SshHost`) are the same to their callers. */
export interface Host {
  /** For sentences: "web-1". */
  readonly name: string
  /** The folder on that machine under which Hostler keeps everything it owns. */
  readonly root: string
  /** The same for every view of one machine. */
  readonly learned: Learned
  /** Ends when the command does. Throws `RemoteCommandError` on a non-zero exit, `UserError` when the host is out of reach. */
  run(command: Command, options: RunOptions): Promise<void>
  /** As `run`, returning stdout (at most `maxBytes`, 1 MiB unless told). */
  capture(command: Command, options: RunOptions): Promise<string>
  /** The exit code, for commands whose non-zero exit is an answer. */
  status(command: Command, options: RunOptions): Promise<number>
  /** Writes a file whole: to a temporary name beside it, with `mode` from its first byte, then renamed. */
  upload(file: string, content: Content, mode: number, options?: UploadOptions): Promise<void>
  /** A connection made from that machine to one of its own ports or sockets. */
  forward(to: { port: number } | { socket: string }): Promise<Duplex>
  close(): Promise<void>
}

export type Content = string | Buffer | Secret | Readable

export type UploadOptions = Pick<RunOptions, 'signal' | 'fence'>

export interface RunOptions {
  timeoutMs: number
  /** Aborting ends the whole process group of this command and of no other. */
  signal?: AbortSignal
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  stdin?: Content
  /**
   * A file on the host. Before the command starts, its process group and start time are written there, and a group
   * that a lost run left under the same file is ended first.
   */
  groupFile?: string
  maxBytes?: number
  /** What people are told failed, where that is not the command itself but what it was to do for them. */
  display?: string
  /** The command is refused on that machine, with `StaleLeaseError`, once a command with a higher number has been there. */
  fence?: Fence
}

/** A lease's growing number, and the file by which a machine remembers the highest that it has seen. */
export interface Fence {
  readonly lockFile: string
  readonly number: number
}
