import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'
import { Secret } from '../../platform/secret.js'
import type { ApiCall } from './api.js'

/** What a token is for: nothing else can be done with it. */
export interface TokenScope {
  /** GitHub's id of the one repository; left out, all of the installation. */
  readonly repositoryId?: string
  /** Left out: all that the app may. */
  readonly permissions?: Readonly<Record<string, 'read' | 'write'>>
}

/** Full repositories are some kilobytes each, and an answer may have one megabyte. */
const repositoriesAtOnce = 50

/** https://docs.github.com/en/rest/apps, as the app itself and, for its repositories, with a token of an installation. */
export const githubAppApi = {
  convert: (code: string): ApiCall => ({
    method: 'POST',
    path: `/app-manifests/${encodeURIComponent(code)}/conversions`,
  }),
  installation: (id: string): ApiCall => ({ method: 'GET', path: `/app/installations/${encodeURIComponent(id)}` }),
  token: (installation: string, { repositoryId, permissions }: TokenScope): ApiCall => ({
    method: 'POST',
    path: `/app/installations/${encodeURIComponent(installation)}/access_tokens`,
    body: {
      ...(repositoryId === undefined ? {} : { repository_ids: [Number(repositoryId)] }),
      ...(permissions === undefined ? {} : { permissions }),
    },
  }),
  repositories: (page: number): ApiCall => ({
    method: 'GET',
    path: `/installation/repositories?per_page=${repositoriesAtOnce}&page=${page}`,
  }),
} as const

const Id = z
  .int()
  .positive()
  .transform((id) => String(id))

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text))

/** What GitHub makes of a manifest: the app, with everything that is secret about it. Told once. */
export const MadeApp = z.object({
  id: Id,
  slug: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  html_url: z.url(),
  owner: z
    .object({ login: z.string().max(200) })
    .or(z.object({ slug: z.string().max(200) }).transform(({ slug }) => ({ login: slug }))),
  client_secret: secret,
  // Of a length that nobody guesses: whoever knows it makes sites deploy.
  webhook_secret: z
    .string()
    .min(16)
    .transform((text) => new Secret(text)),
  pem: z
    .string()
    .refine(isRsaKey)
    .transform((text) => new Secret(text)),
})
export type MadeApp = z.output<typeof MadeApp>

export const Installation = z.object({
  id: Id,
  app_id: Id,
  account: z
    .object({ login: z.string().max(200) })
    .or(z.object({ slug: z.string().max(200) }).transform(({ slug }) => ({ login: slug }))),
  repository_selection: z.enum(['all', 'selected']),
  suspended_at: z.iso.datetime({ offset: true }).nullish(),
})
export type Installation = z.output<typeof Installation>

export const InstallationToken = z.object({
  token: secret,
  expires_at: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
})

export const InstallationRepositories = z.object({
  total_count: z.int().nonnegative(),
  repositories: z.array(
    z.object({
      id: Id,
      full_name: z.string().min(3).max(300),
      private: z.boolean(),
      default_branch: z.string().max(300).nullish(),
      clone_url: z.string().max(1000),
    }),
  ),
})
export type InstallationRepository = z.output<typeof InstallationRepositories>['repositories'][number]

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}
