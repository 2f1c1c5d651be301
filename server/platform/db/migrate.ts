import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { connectOwner } from './connect.js'

export interface Migration {
  up(knex: Knex): Promise<void>
}

/**
 * Brings the database to the newest migration, each in its own transaction, forward only. Safe to call from several
 * processes at once: knex holds a lock row, and a lock left by a killed process is taken over.
 * @param ownerUrl a role that may create tables and roles
 * @param folder where the migrations are, compiled or not
 * @returns the names that were applied now
 */
export async function migrate(ownerUrl: string, folder: string): Promise<string[]> {
  const knex = connectOwner(ownerUrl)
  try {
    return await underLock(knex, async () => {
      const config = { migrationSource: source(folder), tableName: 'migrations', disableMigrationsListValidation: true }
      await knex.migrate.forceFreeMigrationsLock(config)
      const [, applied] = (await knex.migrate.latest(config)) as [number, string[]]
      return applied
    })
  } finally {
    await knex.destroy()
  }
}

/** A session lock that dies with its connection, which knex's own lock row does not. The number spells "host". */
async function underLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  return knex.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [0x686f7374])
    return work()
  })
}

function source(folder: string): Knex.MigrationSource<string> {
  return {
    getMigrations: async () =>
      (await readdir(folder)).filter((file) => /^\d{4}-[a-z0-9-]+\.(ts|js)$/.test(file)).sort(),
    getMigrationName: (file) => file.replace(/\.(ts|js)$/, ''),
    getMigration: async (file) => {
      const { up } = (await import(pathToFileURL(path.join(folder, file)).href)) as Migration
      return { up: (knex) => impatiently(knex, up), down: forwardOnly }
    },
  }
}

/** A migration that cannot have its locks soon gives up, instead of queueing everybody behind it. */
async function impatiently(knex: Knex, up: Migration['up']): Promise<void> {
  await knex.raw("set local lock_timeout = '10s'")
  await up(knex)
}

const forwardOnly = async (): Promise<void> => {
  throw new Error('Migrations only go forward; restore a backup instead')
}
