import type { SourceFile } from './source.js'

/** A rule that an import check cannot see. `planted` breaks it, and a test proves that it is seen. */
export interface Rule {
  /** As a sentence; with the case of security.md where it covers one. */
  readonly name: string
  /** Which files it reads. */
  readonly in: RegExp
  /** Which of them are the one place where the thing belongs. */
  readonly except?: RegExp
  /** Files that may break it, each with its reason. */
  readonly allowed?: Readonly<Record<string, string>>
  readonly forbidden: RegExp | ((file: SourceFile) => boolean)
  readonly planted: { readonly path: string; readonly text: string }
}

const product = /^(server|jobs|migrations)\/.*\.ts$/

export const rules: readonly Rule[] = [
  {
    name: 'only server/config.ts reads the environment',
    in: product,
    except: /^server\/config\.ts$/,
    forbidden:
      /\bprocess\s*(\.\s*env\b|\[\s*['"`]env)|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|\benv\b.*from 'node:process'/,
    planted: { path: 'server/sites/sites.ts', text: 'const port = process.env.PORT' },
  },
  {
    name: 'only platform/http writes responses',
    in: product,
    except: /^server\/platform\/http\//,
    allowed: {
      'server/domains/edges/direct/relay/passage.ts': 'a program of its own on the servers, which answers visitors',
    },
    forbidden:
      /\bres(ponse)?\s*\.\s*(status\([^)]*\)\s*\.\s*)?(send|sendFile|sendStatus|json|render|end|redirect|write|writeHead)\(/,
    planted: { path: 'server/sites/routes.ts', text: 'export const show = (res: Res) => res.status(200).send("hi")' },
  },
  {
    name: 'CI-09: only platform/ssh hands text to a shell',
    in: product,
    except: /^server\/platform\/ssh\//,
    forbidden:
      /\bexec(Sync)?\b[^}]*\}\s*from\s*'(node:)?child_process'|\bshell\s*:\s*(true|['"`])|\b(client|connection|conn|ssh)\s*\.\s*exec\(/i,
    planted: { path: 'jobs/deploys/build.ts', text: "import { spawn, execSync } from 'node:child_process'" },
  },
  {
    name: 'CI-09: spawn never goes through a shell',
    in: product,
    except: /^server\/platform\/ssh\//,
    forbidden: /\bshell\s*:\s*(true|['"`])/,
    planted: { path: 'jobs/deploys/build.ts', text: "spawn('ls', [], { shell: true })" },
  },
  {
    name: 'CI-09: no program text is put together from values',
    in: /^(server|jobs)\/.*\.ts$/,
    forbidden: /['"]-\w*c['"]\s*,\s*(`[^`]*\$\{|[^,()]*['"`]\s*\+)|\bexec(File)?(Sync)?\(\s*`[^`]*\$\{/,
    planted: { path: 'server/git/commands.ts', text: "cmd('sh', '-c', 'git clone ' + url)" },
  },
  {
    name: 'XT-04: no template is made from text that is not a file of views/',
    in: product,
    forbidden:
      /\brenderString\b|\bnew\s+(nunjucks\s*\.\s*)?Template\b|\bprecompileString\b|\bnunjucks\s*\.\s*compile\b/,
    planted: { path: 'server/platform/mail/mail.ts', text: 'env.renderString(subject, data)' },
  },
  {
    name: 'XT-05: no template turns escaping off',
    in: /^views\//,
    forbidden: /\|\s*safe\b|\{%-?\s*autoescape\b|\|\s*dump\b(?!\s*\|\s*escape)/,
    planted: { path: 'views/sites/show.njk', text: '<p>{{ site.name | safe }}</p>' },
  },
  {
    name: 'XT-05: no code marks text as safe HTML outside of platform/http',
    in: product,
    except: /^server\/platform\/http\//,
    forbidden: /\bSafeString\b|\bmarkSafe\b|\bautoescape\s*:\s*false/,
    planted: { path: 'server/sites/sites.ts', text: 'return new nunjucks.runtime.SafeString(html)' },
  },
  {
    name: 'SF-12: only platform/outbound and platform/http make HTTP requests',
    in: product,
    except: /^server\/platform\/(outbound|http)\//,
    allowed: {
      'server/domains/edges/ask.ts': 'asks a program on a host through that host, not an address that somebody gave',
      'server/deploys/runtimes/probe.ts': 'asks an instance through the host that it runs on',
      'server/git/commands.ts': 'builds the words of git fetch; nothing is requested',
    },
    forbidden:
      /(?<![.\w])fetch\(|globalThis\s*\.\s*fetch\b|\bhttps?\s*\.\s*(request|get)\(|(from|import\()\s*'(undici|axios|got|node-fetch|(node:)?http2)'|\{[^}]*\b(request|get)\b[^}]*\}\s*from\s*'(node:)?https?'/,
    planted: { path: 'server/notifications/channels/slack.ts', text: 'await fetch(webhook)' },
  },
  {
    name: 'SQL is built only in queries.ts, the database and migrations',
    in: /^(server|jobs)\/.*\.ts$/,
    except: /^server\/platform\/db\/|[/-]queries\.ts$/,
    forbidden:
      /\b(trx|tx|db|knex)\s*(<[^>()]*>)?\(\s*['"`]|\b(trx|tx|db|knex)\s*\.\s*(raw|select|insert|from|table|schema|with)\(/,
    planted: { path: 'server/sites/sites.ts', text: "await ctx.db('sites').where({ id })" },
  },
  {
    name: 'commands and rules know neither the time nor chance',
    in: /^server\/.*\/(commands|rules)\.ts$/,
    forbidden: /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\brandom(UUID|Bytes|Int)\b/,
    planted: { path: 'server/backups/rules.ts', text: 'export const isDue = (at: Date) => at < new Date()' },
  },
  {
    name: 'a test is never skipped by hand, nor alone',
    in: /^tests\/.*\.ts$/,
    except: /^tests\/support\/conventions\//,
    forbidden: ({ code }) =>
      /\b(describe|it|test)(\.\w+)*\.(only|skip|todo|fails)\b|\.runIf\(|\.skipIf\((?![^\n]*!)/.test(code) ||
      (code.includes('.skipIf(') && !code.includes('needs(')),
    planted: { path: 'tests/sites/sites.test.ts', text: "describe.skipIf(!isFast)('sites', () => {})" },
  },
  {
    name: 'no test puts a stand-in in place of our own modules',
    in: /^tests\/.*\.ts$/,
    except: /^tests\/support\/conventions\//,
    forbidden: /\bvi\s*\.\s*(mock|doMock|hoisted)\(/,
    planted: { path: 'tests/sites/sites.test.ts', text: "vi.mock('../../server/platform/ssh/ssh-host.js')" },
  },
  {
    name: 'what starts containers is named so, and thereby runs after the browsers (vitest.config.ts)',
    in: /^tests\/.*\.test\.ts$/,
    except: /docker-[^/]*$|systemd[^/]*$/,
    forbidden: /\bneeds\([^)]*'(docker|systemd)'/,
    planted: { path: 'tests/sites/sites.test.ts', text: "describe.skipIf(!needs('docker'))('sites', () => {})" },
  },
  {
    name: 'no file is longer than 300 lines',
    in: /^(server|jobs|migrations|bin|views|public|tests|bench)\//,
    except: /^server\/platform\/db\/tables\.ts$/,
    forbidden: ({ text }) => text.trimEnd().split('\n').length > 300,
    planted: { path: 'server/sites/sites.ts', text: 'export {}\n'.repeat(301) },
  },
  {
    name: 'a file is named for what it holds',
    in: /^(server|jobs|bin)\//,
    forbidden: ({ path }) =>
      /([/-](utils?|helpers?|misc|common)|\/(manager|service|data|info))\.[mc]?[tj]s$/.test(path),
    planted: { path: 'server/sites/utils.ts', text: '' },
  },
]

/** The files that break a rule. */
export const violations = (rule: Rule, files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path }) => rule.in.test(path) && !rule.except?.test(path) && !(path in (rule.allowed ?? {})))
    .filter((file) => (rule.forbidden instanceof RegExp ? rule.forbidden.test(file.code) : rule.forbidden(file)))
    .map(({ path }) => path)
