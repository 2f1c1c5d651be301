import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { settingsFault, supervise } from '../../bin/lib/supervisor.js'

let folder: string
let said: string[]
let stopping: AbortController

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
  writeFileSync(join(folder, 'events'), '')
  said = []
  stopping = new AbortController()
})

afterEach(() => rmSync(folder, { recursive: true }))

/** A real program: it notes what happens to it and does what its body says. */
function program(name: string, body: string) {
  const file = join(folder, `${name}.mjs`)
  const note = `import { appendFileSync } from 'node:fs'
    const note = (event) => appendFileSync(${JSON.stringify(join(folder, 'events'))}, '${name} ' + event + '\\n')
    note('starts')`
  writeFileSync(file, `${note}\n${body}`)
  return { name, file, stopMs: 5000 }
}

const stays = `setInterval(() => {}, 1000)
  process.on('SIGTERM', () => { note('stops'); process.exit() })
  process.send('ready')`

const events = () => readFileSync(join(folder, 'events'), 'utf8').trim().split('\n')
const happened = (count: number) =>
  vi.waitFor(() => expect(events()).toHaveLength(count), { timeout: 5000, interval: 20 })
const start = (...specs: ReturnType<typeof program>[]) =>
  supervise(specs, { cwd: folder, say: (line) => said.push(line), signal: stopping.signal, firstWaitMs: 10 })

describe('the supervisor', () => {
  it('starts the next when the one before is ready, and stops them in the opposite order', async () => {
    const web = program('web', `setTimeout(() => { note('is ready'); ${stays} }, 200)`)
    const exit = start(web, program('worker', stays))
    await happened(3)
    stopping.abort()

    expect(await exit).toBe(0)
    expect(events()).toEqual(['web starts', 'web is ready', 'worker starts', 'worker stops', 'web stops'])
  })

  it('starts a program again when it is killed', async () => {
    const exit = start(program('web', `note(process.pid); ${stays}`))
    await happened(2)
    process.kill(Number(events()[1]?.split(' ')[1]), 'SIGKILL')
    await happened(4)
    stopping.abort()

    expect(await exit).toBe(0)
    expect(said).toEqual(['The web ended (SIGKILL); starting it again in 0.01 s.'])
  })

  it('gives up on one that never stays', async () => {
    expect(await start(program('web', 'process.exit(3)'))).toBe(1)
    expect(events()).toHaveLength(5)
    expect(said.at(-1)).toBe('The web ended 5 times in a row.')
  })

  it('does not try again with settings that are wrong', async () => {
    expect(await start(program('web', `process.exit(${settingsFault})`))).toBe(settingsFault)
    expect(events()).toEqual(['web starts'])
  })

  it('kills one that does not stop in time', async () => {
    const deaf = `process.on('SIGTERM', () => note('hears')); setInterval(() => {}, 1000); process.send('ready')`
    const exit = start({ ...program('web', `${deaf}; note('runs')`), stopMs: 100 })
    await happened(2)
    stopping.abort()

    expect(await exit).toBe(0)
    expect(events()).toEqual(['web starts', 'web runs', 'web hears'])
  })
})
