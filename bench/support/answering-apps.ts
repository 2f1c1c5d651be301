import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../tests/support/ports.js'

export interface AnsweringApp {
  /** `127.0.0.1:8981` */
  address: string
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('./answering-app.cjs', import.meta.url))

/** The answering app as a process of its own, once it answers. */
export async function startAnsweringApp(site: string, release: string): Promise<AnsweringApp> {
  const port = await freePort()
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, SITE: site, RELEASE: release, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await untilHealthy(`http://127.0.0.1:${port}/health`, child)
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(late)
    },
  }
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`The answering app ended with ${child.exitCode}`)
}
