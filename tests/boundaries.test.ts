import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A small tree that breaks every rule of .dependency-cruiser.cjs once, and keeps the allowed ways beside it. */
const planted: Record<string, string> = {
  'server/sites/sites.ts': 'export const site = 1',
  'server/sites/queries.ts': "import knex from 'knex'\nimport express from 'express'\nexport const q = [knex, express]",
  'server/sites/routes.ts': "import { q } from './queries.js'\nexport const routes = q",
  'server/sites/commands.ts': "import { readFileSync } from 'node:fs'\nexport const c = readFileSync",
  'server/platform/shell/quote.ts': "import { site } from '../../sites/sites.js'\nexport const a = site",
  'server/platform/db/db.ts': "import pg from 'pg'\nexport const db = pg",
  'server/platform/ssh/host.ts': "import ssh2 from 'ssh2'\nexport const h = ssh2",
  'server/deploys/deploys.ts': "import { q } from '../sites/queries.js'\nexport const d = q",
  'server/deploys/steps.ts': "import { site } from '../sites/sites.js'\nexport const s = site",
  'server/deploys/routes.ts': "import { routes } from '../sites/routes.js'\nexport const r = routes",
  'server/deploys/loop-a.ts': "import { b } from './loop-b.js'\nexport const a = () => b",
  'server/deploys/loop-b.ts': "import { a } from './loop-a.js'\nexport const b = () => a",
  'server/deploys/types-a.ts': "import type { B } from './types-b.js'\nexport interface A { b: B }",
  'server/deploys/types-b.ts': "import type { A } from './types-a.js'\nexport interface B { a: A }",
  'server/deploys/start.ts': "import { run } from '../../jobs/run.js'\nexport const start = run",
  'server/deploys/sql.ts': "import knex from 'knex'\nexport const k = knex",
  'server/deploys/pool.ts': "import pg from 'pg'\nexport const p = pg",
  'server/deploys/dial.ts': "import ssh2 from 'ssh2'\nexport const p = ssh2",
  'server/deploys/ask.ts': "import undici from 'undici'\nexport const u = undici",
  'server/platform/outbound/outbound.ts': "import undici from 'undici'\nexport const u = undici",
  'server/deploys/letter.ts': "import nodemailer from 'nodemailer'\nexport const n = nodemailer",
  'server/platform/mail/transport.ts': "import nodemailer from 'nodemailer'\nexport const n = nodemailer",
  'server/deploys/page.ts': "import express from 'express'\nexport const p = express",
  'server/deploys/queue.ts': "import bullmq from 'bullmq'\nexport const p = bullmq",
  'server/deploys/tool.ts': "import vitest from 'vitest'\nexport const p = vitest",
  'server/deploys/lost.ts': "import { gone } from './gone.js'\nexport const p = gone",
  'jobs/run.ts': 'export const run = 1',
  'jobs/sites/own.ts': "import { q } from '../../server/sites/queries.js'\nexport const own = q",
  'jobs/deploys/run.ts': "import { q } from '../../server/sites/queries.js'\nexport const run = q",
  'migrations/001.ts': "import { site } from '../server/sites/sites.js'\nexport const m = site",
  'package.json':
    '{"type":"module","dependencies":{"knex":"1","pg":"1","ssh2":"1","express":"1","bullmq":"1","undici":"1","nodemailer":"1"},"devDependencies":{"vitest":"1"}}',
  'tsconfig.json': '{"compilerOptions":{"module":"NodeNext","moduleResolution":"NodeNext"}}',
  ...Object.fromEntries(
    ['knex', 'pg', 'ssh2', 'express', 'bullmq', 'undici', 'nodemailer', 'vitest'].flatMap((name) => [
      [`node_modules/${name}/package.json`, `{"name":"${name}","version":"1.0.0","main":"index.js"}`],
      [`node_modules/${name}/index.js`, 'module.exports = {}'],
    ]),
  ),
}

const expected: Record<string, string[]> = {
  'platform-knows-no-feature': ['server/platform/shell/quote.ts'],
  'http-in-outbound': ['server/deploys/ask.ts'],
  'no-cycles': ['server/deploys/loop-a.ts'],
  'through-the-main-file': ['server/deploys/deploys.ts', 'server/deploys/routes.ts'],
  'routes-only-in-the-table-of-contents': ['server/deploys/routes.ts'],
  'server-never-imports-jobs': ['server/deploys/start.ts'],
  'jobs-use-main-files': ['jobs/deploys/run.ts'],
  'migrations-stand-alone': ['migrations/001.ts'],
  'sql-in-queries': ['server/deploys/sql.ts'],
  'postgres-in-the-database': ['server/deploys/pool.ts'],
  'queries-know-only-tables': ['server/sites/queries.ts'],
  'ssh-in-the-host': ['server/deploys/dial.ts'],
  'smtp-in-the-mail': ['server/deploys/letter.ts'],
  'express-at-the-door': ['server/deploys/page.ts', 'server/sites/queries.ts'],
  'queue-in-the-queue': ['server/deploys/queue.ts'],
  'pure-commands-and-rules': ['server/sites/commands.ts'],
  'thin-routes': ['server/sites/routes.ts'],
  'no-development-packages': ['server/deploys/tool.ts'],
  found: ['server/deploys/lost.ts'],
}

const require = createRequire(import.meta.url)
const config: { forbidden: { name: string }[]; options: ICruiseOptions } = require('../.dependency-cruiser.cjs')
const folder = mkdtempSync(join(tmpdir(), 'boundaries-'))
const broken = new Map<string, Set<string>>()

beforeAll(async () => {
  for (const [path, text] of Object.entries(planted)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { tsConfig: _, ...options } = config.options
  const ruleSet = { forbidden: config.forbidden } as IFlattenedRuleSet
  const { output } = await cruise(['server', 'jobs', 'migrations'], {
    ...options,
    baseDir: folder,
    validate: true,
    ruleSet,
  })
  for (const { rule, from } of (output as ICruiseResult).summary.violations) {
    broken.set(rule.name, (broken.get(rule.name) ?? new Set()).add(from))
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the directions of imports', () => {
  it.each(config.forbidden.map(({ name }) => name))('%s sees its violation and nothing else', (name) => {
    expect([...(broken.get(name) ?? [])].sort()).toEqual(expected[name])
  })
})
