import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../support/parts.js'
import { type Stage, startStage } from '../support/stage.js'
import { startCanaries } from './canaries.js'
import { hostileSite } from './hostile-site.js'
import { allRows } from './rows.js'
import { watchProcesses } from './watch-processes.js'

const { touch, made, remove } = startCanaries()
afterAll(remove)
const hostile = hostileSite({ touch })

describe.skipIf(!needs('git', 'runit', 'root', 'sshd'))('a deploy of a site that is hostile in every text', () => {
  let stage: Stage
  let token: string
  let isTold: (line: string) => boolean
  const logged: string[] = []
  const processes = watchProcesses(50)

  beforeAll(async () => {
    stage = await startStage(hostile.columns)
    // The services are handed on as one object, so a log that can be read afterwards has to be put into it.
    Object.assign(stage.test.services, {
      log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    })
    await hostile.prepare(stage)
    isTold = hostile.isTold(stage)
    token = stage.git.token
    processes.start()
  })
  afterAll(async () => {
    processes.stop()
    await stage.stop()
  })

  it('CI-01, CI-03: goes live, runs none of it, and its program gets every value byte for byte', async () => {
    const deploy = await stage.deploy()

    expect([deploy.status, deploy.message]).toEqual(['succeeded', null])
    expect((await stage.visit()).text).toBe(hostile.answer)
    expect(made()).toEqual([])
  })

  it('LG-03: shows no secret in any command line', () => {
    expect(processes.lines.size).toBeGreaterThan(20)
    expect([...processes.lines].filter((line) => isTold(line))).toEqual([])
  })

  it('LG-01, CI-03: leaves no secret in logs, rows, events, the queue or the log that people read', async () => {
    const rows = Object.values(await allRows({ test: stage.test.database })).flat()
    const jobs = await queued(stage)

    expect(logged.length).toBeGreaterThan(0)
    expect(jobs.length).toBeGreaterThan(0)
    expect([...logged, ...rows, ...jobs].filter((text) => isTold(text))).toEqual([])
    expect((await stage.log(await stage.find(1))).join('\n')).toContain('built with •••')
  })

  it('LG-01, CI-13: leaves the token nowhere on the server, and the values only where no other site can read', async () => {
    const files = filesUnder(stage.host.root)
    const telling = files.filter((file) => isTold(readFileSync(file, 'latin1')))

    expect(files.length).toBeGreaterThan(5)
    expect(telling.filter((file) => readFileSync(file, 'latin1').includes(token))).toEqual([])
    expect(telling.filter((file) => isOpenToAll(file, stage.host.root))).toEqual([])
  })
})

/** Every row of the queue's own tables, as text. */
async function queued({ test }: Stage): Promise<string[]> {
  const tables = await test.database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'bullmq'`,
  )
  const rows: string[] = []
  for (const { name } of tables) {
    const found = await test.database.query<{ row: string }>(`select to_jsonb(t)::text as row from bullmq."${name}" t`)
    rows.push(...found.map(({ row }) => row))
  }
  return rows
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))

/** Whether another site's user could read it: the file, and a way to it through every folder. */
const isOpenToAll = (file: string, root: string): boolean =>
  (statSync(file).mode & 0o004) !== 0 && folderModes(path.dirname(file), root).every((mode) => (mode & 0o001) !== 0)

const folderModes = (folder: string, root: string): number[] =>
  folder === root ? [] : [statSync(folder).mode, ...folderModes(path.dirname(folder), root)]
