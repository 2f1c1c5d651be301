import { z } from 'zod'
import { parseBranchName } from '../git/ref-name.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import { UserError } from '../platform/errors.js'
import { integer, optional } from '../platform/http/fields.js'

/** What a site is described with, field by field: whatever is not refused here is kept to the byte. */

/** Controls, line breaks of any kind, and what turns the order of letters around. */
const isPlain = (text: string): boolean => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u.test(text)

/** A parser that throws sentences, as a field: the sentence stands beside it. */
const readBy = <T>(longest: number, parse: (text: string) => T) =>
  z
    .string()
    .max(longest, `This may have at most ${longest} characters`)
    .transform((text, context): T => {
      try {
        return parse(text)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        context.addIssue({ code: 'custom', message: [error.message, error.hint].filter(Boolean).join('. ') })
        return z.NEVER
      }
    })

export const SiteName = z
  .string()
  .max(60, 'A name has at most 60 characters')
  .refine(isPlain, 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give the site a name')

/** Which protocols this panel takes is asked later, by the verb. */
export const Repository = readBy(1000, (text) => {
  if (!isPlain(text)) throw new UserError(422, 'The address contains a line break or a control character')
  return parseRepositoryUrl(text, ['https', 'ssh', 'http']).text
})

export const Branch = readBy(500, (text): string => parseBranchName(text))

/** Run by a shell as the site's own user, so anything may stand in it; but it is one line. */
export const CommandLine = z
  .string()
  .max(2000, 'A command has at most 2,000 characters')
  .refine(isPlain, 'A command is one line without control characters. Join several with &&')
  .trim()

const folderName = /^(?!\.{1,2}$)[\p{L}\p{N}._@+()[\]][\p{L}\p{N} ._@+()[\]-]*$/u

/** "apps/web", inside the repository; empty is its top. */
export const Folder = z
  .string()
  .max(200, 'A folder has at most 200 characters')
  .refine(isPlain, 'A folder cannot hold control characters')
  .transform((text) =>
    text
      .trim()
      .replace(/^\.(\/|$)/, '')
      .replace(/\/$/, ''),
  )
  .refine(
    (text) => text === '' || text.split('/').every((part) => folderName.test(part)),
    'Give a folder inside the repository, such as apps/web',
  )

export const NodeVersion = z
  .string()
  .refine(isPlain, 'A version cannot hold control characters')
  .trim()
  .regex(/^[0-9A-Za-z.*^~<>=| /-]{1,60}$/, 'Give a Node version such as 22, 22.14.0 or >=20')

export const HealthPath = z
  .string()
  .refine(isPlain, 'A path cannot hold control characters')
  .trim()
  .max(200, 'A path has at most 200 characters')
  .regex(/^\/[!-"$-~]*$/, 'Give a path that starts with /, such as /health')

const cpus = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,3}(\.\d{1,2})?$/.test(value.trim()) ? Number(value) : value),
  z
    .number({ error: 'Give a number such as 0.5 or 2' })
    .min(0.05, 'Give at least 0.05')
    .max(256, 'Give at most 256')
    .refine((number) => Math.abs(number * 100 - Math.round(number * 100)) < 1e-9, 'Give at most two decimals'),
)

/** Everything of a site that a person may set, and set again. */
export const settingFields = {
  stack: z.enum(['node', 'static', 'dockerfile'], 'Choose what kind of site this is'),
  rootFolder: Folder,
  buildCommand: optional(CommandLine),
  startCommand: optional(CommandLine),
  staticFolder: optional(Folder),
  releaseCommand: optional(CommandLine).describe('Runs once in each new release before it starts, such as a migration'),
  nodeVersion: optional(NodeVersion).describe('Left empty, the repository says which'),
  healthPath: HealthPath,
  healthDeadlineSeconds: integer(1, 600),
  drainSeconds: integer(0, 600),
  watchSeconds: integer(0, 600),
  memoryMb: integer(64, 1_048_576),
  cpus,
  keepReleases: integer(2, 100),
  port: integer(1024, 65_535).describe('The port that visitors use on the server'),
}

export const Access = z.enum(['none', 'token', 'deploy-key', 'github-app'], 'Choose how the repository lets us in')

const oneLine = (longest: number, message: string) =>
  z.string().max(longest, message).refine(isPlain, 'This cannot hold control characters').trim()

export const Token = oneLine(4000, 'A token has at most 4,000 characters')

export const TokenUser = oneLine(200, 'A user name has at most 200 characters').refine(
  (text) => !text.includes(':'),
  'A user name cannot hold a colon',
)
