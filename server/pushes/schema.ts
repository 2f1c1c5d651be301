import { z } from 'zod'
import { gitHostNames } from '../git/hosts/hosts.js'
import { checkbox, timestamp } from '../platform/http/fields.js'
import { pageQuery } from '../platform/http/pagination.js'
import { Branch } from '../sites/sites.js'
import { globFault, verdicts } from './rules.js'

const mostGlobs = 50

/** A list, or a text with one pattern in each line. */
const Globs = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter(Boolean)
      : value,
  z
    .array(z.string())
    .max(mostGlobs, `At most ${mostGlobs} patterns`)
    .superRefine((globs, context) => {
      for (const glob of globs) {
        const why = globFault(glob)
        if (why) context.addIssue({ code: 'custom', message: `“${glob.slice(0, 60)}”: ${why}` })
      }
    }),
)

export const PushSettings = z.strictObject({
  autoDeploy: checkbox().describe('Whether a push on the branch deploys the site'),
  branch: Branch,
  watchedPaths: Globs.default([]).describe('Only a push that changes one of these deploys; none: any'),
  ignoredPaths: Globs.default([]).describe('What is changed here does not count'),
})
export type PushSettings = z.output<typeof PushSettings>

export const BranchList = z.object({
  branches: z.array(z.string()),
  fault: z.string().nullable().describe('Why the repository could not be asked'),
})

export const freezeHours = ['1', '4', '24', '72', '168'] as const

export const NewFreeze = z.strictObject({
  hours: z.enum(freezeHours, 'Choose for how long'),
  reason: z
    .string()
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A reason cannot hold control characters')
    .trim()
    .min(1, 'Say why, for whoever wonders')
    .max(200, 'A reason has at most 200 characters'),
})

const Verdict = z.object({
  site: z.string().describe('Its slug'),
  verdict: z.enum(verdicts),
  text: z.string().describe('Why, in words'),
  deploy: z.number().int().nullable(),
})

export const DeliveryAnswer = z.object({
  id: z.uuid(),
  host: z.enum(gitHostNames),
  repository: z.string(),
  delivery: z.string().describe("The host's own id"),
  event: z.string(),
  state: z.enum([
    ...['waiting', 'judged', 'ping', 'not-used', 'unreadable', 'other-repository'],
    ...['installation', 'branch-made'],
  ] as const),
  text: z.string(),
  branch: z.string().nullable(),
  commitSha: z.string().nullable(),
  commitSubject: z.string().nullable(),
  pusher: z.string().nullable(),
  receivedAt: timestamp(),
  verdicts: z.array(Verdict),
})

const Refused = z.object({
  host: z.string(),
  repository: z.string(),
  why: z.enum(['bad-signature', 'not-connected']),
  text: z.string(),
  count: z.number().int(),
  lastAt: timestamp(),
})

export const DeliveryList = z.object({
  items: z.array(DeliveryAnswer),
  nextCursor: z.string().nullable(),
  refused: z.array(Refused),
})

export const OneDelivery = z.object({ delivery: DeliveryAnswer })

export const DeliveryQuery = pageQuery.extend({ site: z.string().max(60).optional() })

export const SitePushes = z.object({
  pushes: z.object({
    autoDeploy: z.boolean(),
    branch: z.string(),
    watchedPaths: z.array(z.string()),
    ignoredPaths: z.array(z.string()),
    frozenUntil: timestamp().nullable(),
    frozenReason: z.string().nullable(),
    hasDeployHook: z.boolean(),
    repository: z.string(),
    isConnected: z.boolean(),
    /** Why the repository could not be asked the last time. */
    fault: z.string().nullable(),
  }),
})

export const MadeHook = z.object({ url: z.url() })
