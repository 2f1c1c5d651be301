import { z } from 'zod'
import { checkbox, optional } from '../platform/http/fields.js'
import { pageQuery } from '../platform/http/pagination.js'
import { Access, Branch, Repository, SiteName, settingFields, Token, TokenUser } from './fields.js'
import { NewVariable, VariableKind } from './variables.js'

/** Forms and API bodies of sites, and what the API answers. */

const serverName = z.string().max(60).describe('The slug or id of a server')
const PrivateKey = z.string().max(20_000, 'A private key has at most 20,000 characters')

const accessFields = {
  access: Access.default('none'),
  token: optional(Token),
  tokenUser: optional(TokenUser),
  privateKey: optional(PrivateKey).describe('A deploy key of your own; left out, Hostler makes one'),
}

/** Where a site's source is, and which server shall fetch it. */
export const NewDraft = z.strictObject({ server: serverName, repositoryUrl: Repository, ...accessFields })
export type NewDraft = z.output<typeof NewDraft>

export const SourceQuery = z.object({
  repository: z.string().max(1000).optional().describe('One of those that a GitHub App reaches'),
  address: z.string().max(1000).optional().describe('To begin with, where it was chosen from another list'),
  access: Access.optional().catch(undefined),
})
export type SourceQuery = z.output<typeof SourceQuery>

export const RepositoryQuery = z.object({
  connection: z
    .uuid()
    .optional()
    .describe('One that offers the repositories of its token; left out, those of GitHub Apps where there are any'),
  search: z.string().trim().max(100).optional().describe('Any part of its name'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
})
export type RepositoryQuery = z.output<typeof RepositoryQuery>

/** What is left out stays as it is, or is found out. A form sends a field that nobody filled in as an empty text. */
const leftOut = <Field extends z.ZodType>(field: Field) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^[ \t\r\n]*$/.test(value) ? undefined : value),
    field.optional(),
  )

const all = settingFields
const wishes = {
  name: leftOut(SiteName),
  branch: leftOut(Branch),
  stack: leftOut(all.stack),
  rootFolder: all.rootFolder.optional(),
  buildCommand: all.buildCommand.optional(),
  startCommand: all.startCommand.optional(),
  staticFolder: all.staticFolder.optional(),
  releaseCommand: all.releaseCommand.optional(),
  nodeVersion: all.nodeVersion.optional(),
  healthPath: leftOut(all.healthPath),
  healthDeadlineSeconds: leftOut(all.healthDeadlineSeconds),
  drainSeconds: leftOut(all.drainSeconds),
  watchSeconds: leftOut(all.watchSeconds),
  memoryMb: leftOut(all.memoryMb),
  cpus: leftOut(all.cpus),
  keepReleases: leftOut(all.keepReleases),
  port: leftOut(all.port),
}

const detailFields = {
  ...wishes,
  environment: z
    .union([z.string().max(1_000_000, 'This is too long'), z.array(NewVariable).max(1000)])
    .optional()
    .describe('The text of a .env file, or a list of variables'),
  environmentKind: VariableKind.default('both'),
  /** Without a first deploy there is nothing to see yet. */
  deploy: z.enum(['now', 'later']).default('now'),
}

/** What is left out is found out from the repository. */
export const NewSite = z.strictObject({ ...NewDraft.shape, ...detailFields })
export type NewSite = z.output<typeof NewSite>

export const SiteDetails = z.strictObject(detailFields)
export type SiteDetails = z.output<typeof SiteDetails>

/** What is left out stays. */
export const SiteChanges = z.strictObject(wishes)
export type SiteChanges = z.output<typeof SiteChanges>

export const SourceChange = z.strictObject({
  repositoryUrl: Repository,
  ...accessFields,
  access: z.enum(['keep', ...Access.options]).default('keep'),
})
export type SourceChange = z.output<typeof SourceChange>

/** Typed by the person who removes it. */
export const Removal = z.strictObject({
  confirm: z.string().max(200),
  leaveBehind: checkbox().describe('The server is gone for good: forget the site here alone'),
})

export const siteStates = ['active', 'inactive', 'suspended', 'deactivated', 'archived'] as const

export const SiteListQuery = pageQuery.extend({
  search: z.string().trim().max(100).optional().describe('In the name or the address of the repository'),
  state: z
    .enum(siteStates)
    .or(z.literal('').transform(() => undefined))
    .optional(),
  server: z.string().max(60).optional().describe('The slug or id of a server'),
})

/** Another branch or folder to look into; left out, the default branch and the top. */
export const Look = z.strictObject({ branch: leftOut(Branch), rootFolder: all.rootFolder.optional() })

/** What was seen in a repository, as it is kept with a draft. */
export const FoundInside = z.object({
  branches: z.array(z.string()),
  defaultBranch: z.string().nullable(),
  branch: z.string(),
  rootFolder: z.string(),
  detection: z
    .object({
      stack: z.enum(['node', 'static', 'dockerfile']),
      why: z.string(),
      buildCommand: z.string().nullable(),
      startCommand: z.string().nullable(),
      staticFolder: z.string().nullable(),
      nodeWish: z.object({ text: z.string(), from: z.string() }).nullable(),
    })
    .nullable()
    .describe('Null when nothing in the repository says what it is'),
})
export type FoundInside = z.output<typeof FoundInside>
