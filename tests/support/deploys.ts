import { newId } from '../../server/platform/ids.js'
import type { TestDatabase } from './database.js'
import { insert } from './make.js'

type Values = Record<string, unknown>

/** An operation as it stands in the table; nothing runs it. */
export async function makeOperation(
  database: TestDatabase,
  team: { id: string },
  values: Values = {},
): Promise<{ id: string }> {
  const made = { id: newId(), ...values }
  await insert(database, 'operations', {
    team_id: team.id,
    kind: 'deploy',
    subject: `site:${newId()}`,
    title: 'Deploy',
    input: '{}',
    status: 'succeeded',
    requested_by: 'Ada',
    created_at: new Date('2026-05-04T11:00:00Z'),
    started_at: new Date('2026-05-04T11:00:00Z'),
    ended_at: new Date('2026-05-04T11:00:41Z'),
    ...made,
  })
  return made
}

/** A deploy with its operation. `operation` are that one's columns. */
export async function makeDeploy(
  database: TestDatabase,
  site: { id: string },
  team: { id: string },
  { operation = {}, ...values }: Values & { operation?: Values } = {},
): Promise<{ id: string; operationId: string }> {
  const { id: operationId } = await makeOperation(database, team, operation)
  const id = newId()
  await insert(database, 'deploys', {
    id,
    team_id: team.id,
    site_id: site.id,
    operation_id: operationId,
    number: 1,
    kind: 'deploy',
    branch: 'main',
    requested_by: 'Ada',
    created_at: new Date('2026-05-04T11:00:00Z'),
    ...values,
  })
  return { id, operationId }
}
