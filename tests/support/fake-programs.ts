import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Sshd, startSshd } from './sshd.js'

export interface FakeMachine extends Sshd {
  /** Puts a program of the test's own first in the PATH of whoever signs in. */
  program(name: string, script: string): void
}

/**
 * A real sshd whose sessions see only these programs: the machine's own without `missing`, and the test's. It plays
 * machines that this one is not: without Git, with an apt that is busy, with programs that lie.
 */
export async function startFakeMachine(missing: readonly string[] = []): Promise<FakeMachine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hostler-machine-'))
  const [fake, real] = [`${folder}/fake`, `${folder}/real`]
  mkdirSync(fake)
  mkdirSync(real)
  const seen = new Set(missing)
  for (const place of ['/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    for (const name of readdirSync(place)) {
      if (seen.has(name)) continue
      seen.add(name)
      symlinkSync(`${place}/${name}`, `${real}/${name}`)
    }
  }
  const sshd = await startSshd([`ForceCommand PATH=${fake}:${real} /bin/sh -c "$SSH_ORIGINAL_COMMAND"`])
  execFileSync('chmod', ['755', folder])
  return {
    ...sshd,
    log: sshd.log,
    program: (name, script) => writeFileSync(`${fake}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 }),
    stop: async () => {
      await sshd.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
