import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'
import { Access } from './fields.js'
import { FoundInside, siteStates } from './schema.js'

/** What the API answers about sites: allow-lists, so what a query began to select does not leave by itself. */

export const DraftAnswer = z.object({
  draft: z.object({
    id: z.uuid(),
    server: z.object({ slug: z.string(), name: z.string() }),
    repositoryUrl: z.string(),
    access: Access,
    deployPublicKey: z.string().nullable().describe('To be pasted where the repository is, before the first look'),
    keyLink: z.string().nullable().describe('Where to paste it'),
    found: FoundInside.nullable(),
    createdAt: timestamp(),
  }),
})

export const RepositoryList = z.object({
  repositories: z.array(
    z.object({
      name: z.string().describe('As its owner spells it: Acme/Shop'),
      url: z.string().describe('To clone from; of an app with the access github-app'),
      isPrivate: z.boolean().nullable().describe('Null where the host does not say'),
      defaultBranch: z.string(),
      seenBy: z.string().describe('The GitHub App, or the host whose token it is'),
    }),
  ),
  nextPage: z.number().int().nullable(),
  fault: z.string().nullable().describe('Why the host told none'),
  sources: z.array(
    z.object({
      connection: z.uuid().nullable().describe('Null for the GitHub Apps of the team'),
      label: z.string(),
    }),
  ),
})

const LastDeploy = z.object({
  number: z.number().int(),
  status: z.string(),
  at: timestamp(),
})

export const ListedSite = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  state: z.enum(siteStates),
  url: z.string().describe('Where visitors find it'),
  repositoryUrl: z.string(),
  branch: z.string(),
  server: z.object({ slug: z.string(), name: z.string() }),
  lastDeploy: LastDeploy.nullable(),
  createdAt: timestamp(),
})

const publicly = { slug: true, name: true, state: true, url: true } as const

/** Of a site, what a publishable key reads: how it is, and nothing of how it is made or by whom. */
export const PublicListedSite = ListedSite.pick({ ...publicly, lastDeploy: true })

/** An allow-list: neither the token nor the private deploy key is in any answer. */
export const SiteOutput = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  state: z.enum(siteStates),
  stateReason: z.string().nullable(),
  url: z.string(),
  server: z.object({ slug: z.string(), name: z.string() }),
  repositoryUrl: z.string(),
  branch: z.string(),
  access: Access,
  deployPublicKey: z.string().nullable(),
  runtime: z.enum(['docker', 'process']),
  edge: z.enum(['caddy', 'direct']),
  stack: z.enum(['static', 'node', 'dockerfile']),
  rootFolder: z.string(),
  buildCommand: z.string().nullable(),
  startCommand: z.string().nullable(),
  staticFolder: z.string().nullable(),
  releaseCommand: z.string().nullable(),
  nodeVersion: z.string().nullable(),
  healthPath: z.string(),
  healthDeadlineSeconds: z.number(),
  drainSeconds: z.number(),
  watchSeconds: z.number(),
  memoryMb: z.number(),
  cpus: z.number(),
  keepReleases: z.number(),
  port: z.number(),
  previewOf: z.uuid().nullable().describe('The site of which it shows a pull request'),
  createdAt: timestamp(),
})

export const SiteAnswer = z.object({ site: SiteOutput })

export const PublicSite = z.object({ site: SiteOutput.pick(publicly) })

export const CreatedSite = z.object({
  site: SiteOutput,
  deploy: z.object({ number: z.number().int(), operationId: z.uuid() }).nullable(),
})

export const StartedOperation = z.object({ operation: z.object({ id: z.uuid() }) })

export const RemovalAnswer = z.object({ operation: z.object({ id: z.uuid() }).nullable() })

export const StartedDeploy = z.object({
  deploy: z.object({ number: z.number().int(), operationId: z.uuid() }).nullable(),
})

export const LogAnswer = z.object({
  instance: z.object({ release: z.number().int() }).nullable().describe('Null when nothing runs'),
  isAway: z.boolean().describe('Its server did not answer'),
  lines: z.array(z.object({ seq: z.number(), at: timestamp(), text: z.string() })),
})

/** Done, and there is nothing to say: 204. */
export const Done = z.object({})

export const CheckedSource = z.object({ message: z.string() })
