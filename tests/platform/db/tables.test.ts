import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectOwner } from '../../../server/platform/db/connect.js'
import { generateTables } from '../../../server/platform/db/generate-tables.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

let test: TestDatabase
beforeAll(async () => {
  test = await freshDatabase()
})
afterAll(() => test.close())

it('has row types that equal the migrated database (run `npm run tables` after a migration)', async () => {
  const knex = connectOwner(test.ownerUrl)
  const generated = await generateTables(knex).finally(() => knex.destroy())
  const file = path.resolve(import.meta.dirname, '../../../server/platform/db/tables.ts')
  if (process.env.HOSTLER_WRITE_TABLES) await writeFile(file, generated)

  expect(await readFile(file, 'utf8')).toBe(generated)
})
