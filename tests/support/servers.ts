import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deployParts } from '../../jobs/deploys/parts.js'
import { operationHandlers } from '../../jobs/operations.js'
import { newId } from '../../server/platform/ids.js'
import { run } from '../../server/platform/operations/runner.js'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import type { NewServer } from '../../server/servers/schema.js'
import { addServer, hostDoors, type ServerRow } from '../../server/servers/servers.js'
import { type World, world } from './people.js'
import type { Sshd } from './sshd.js'

export interface ServersWorld extends World {
  /** Of this test alone; the data folder is in it. */
  folder: string
  /** Runs an operation to its end, as a worker does; returns its row. */
  run(operationId: string): Promise<{ status: string; message: string | null; hint: string | null }>
  lines(operationId: string): Promise<string[]>
  events(): Promise<string[]>
  /** That sshd as a server of acme, its key accepted there. */
  add(sshd: Sshd, changes?: Partial<Extract<NewServer, { kind: 'ssh' }>>): Promise<ServerRow>
  row(id: string): Promise<Record<string, unknown>>
}

/** The people, and doors that lead to the servers in the database. */
export async function serversWorld(): Promise<ServersWorld> {
  const w = await world()
  const folder = await mkdtemp(path.join(tmpdir(), 'hostler-servers-'))
  const config = { ...w.services.config, dataFolder: `${folder}/data` }
  const hosts = createHosts(...hostDoors(w.services))
  // The doors need the database that the world has just made.
  Object.assign(w.services, { hosts, config })
  const handlers = operationHandlers(deployParts(w.services, ['https']))

  return {
    ...w,
    get people() {
      return w.people
    },
    folder,
    run: async (id) => {
      await run(w.services, handlers, id, newId(), new AbortController().signal)
      const [row] = await w.test.query('select status, message, hint from operations where id = $1', [id])
      return row as never // `as`: the columns of the line above
    },
    lines: async (id) =>
      (
        await w.test.query<{ line: string }>(
          'select line from operation_log where operation_id = $1 order by sequence',
          [id],
        )
      ).map((row) => row.line),
    events: async () =>
      (
        await w.test.query<{ type: string }>(
          "select type from events where type like 'server.%' order by team_id, sequence",
        )
      ).map((row) => row.type),
    add: async (sshd, changes = {}) =>
      addServer(await w.ctx('owner'), {
        kind: 'ssh',
        name: 'web-1',
        address: sshd.address,
        port: sshd.port,
        user: sshd.user,
        key: 'paste',
        privateKey: sshd.privateKey.reveal(),
        root: `${sshd.folder}/root`,
        ...changes,
      }),
    row: async (id) => (await w.test.query('select * from servers where id = $1', [id]))[0] ?? {},
    close: async () => {
      await hosts.close()
      await w.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
