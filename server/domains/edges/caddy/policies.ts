import type { Front } from '../front.js'
import { idOf, isOfSite, isOurs } from './ids.js'
import { isSameJson, type Json, type JsonObject, valueAt, withoutValue, withValue } from './json.js'

/** Whom Caddy asks for the certificates of a site: one policy a site, and none where that is left to Caddy. */

const policiesPath = ['apps', 'tls', 'automation', 'policies']

interface PolicySite {
  siteId: string
  /** Of the root certificate on that machine, where one was given. */
  rootFile: string
}

export const withPolicy = (config: Json, site: PolicySite, { acme }: Front, names: readonly string[]): Json =>
  withPolicies(config, site.siteId, acme === null ? [] : policiesOf('', site, issuersOf(acme, site), names))

export const withoutPolicy = (config: Json, siteId: string): Json => withPolicies(config, siteId, [])

/** Only that name is asked for anew; the others of the site stay with whom they were before. */
export function withFirstPolicy(
  config: Json,
  { before, site, front: { acme }, name }: { before: Json; site: PolicySite; front: Front; name: string },
): Json {
  const earlier = listed(before).find((one) => isOfSite(one, site.siteId))
  const others = namesOf(earlier).filter((other) => other !== name)
  const rest = policiesOf('', site, valueAt(earlier, ['issuers']) ?? null, others)
  const first = acme === null ? [] : policiesOf('first-', site, issuersOf(acme, site), [name])
  return withPolicies(config, site.siteId, [...rest, ...first])
}

/** Whether Caddy asks them for certificates already, for whichever site of ours. */
export const isAsked = (config: Json, site: PolicySite, acme: NonNullable<Front['acme']>): boolean =>
  askedOf(config, site, acme).some((one) => !isFirst(one))

/** Whether they are asked for the first one just now, for another site. */
export const isFirstUnderWay = (config: Json, site: PolicySite, acme: NonNullable<Front['acme']>): boolean =>
  askedOf(config, site, acme).some((one) => isFirst(one) && !isOfSite(one, site.siteId))

const askedOf = (config: Json, site: PolicySite, acme: NonNullable<Front['acme']>): readonly Json[] =>
  listed(config).filter((one) => isOurs(one) && isSameJson(valueAt(one, ['issuers']), issuersOf(acme, site)))

const isFirst = (policy: Json): boolean => idOf(policy).startsWith('hostler-policy-first-')

function issuersOf(acme: NonNullable<Front['acme']>, { rootFile }: PolicySite): Json {
  const email = acme.email === null ? {} : { email: acme.email }
  const ca = acme.url === null ? {} : { ca: acme.url }
  const roots = acme.rootPem === null ? {} : { trusted_roots_pem_files: [rootFile] }
  const known = acme.externalAccount
  const account = known ? { external_account: { key_id: known.keyId, mac_key: known.key.reveal() } } : {}
  return [{ module: 'acme', ...ca, ...email, ...roots, ...account }]
}

const policiesOf = (
  kind: '' | 'first-',
  { siteId }: PolicySite,
  issuers: Json,
  names: readonly string[],
): JsonObject[] =>
  names.length === 0 ? [] : [{ '@id': `hostler-policy-${kind}${siteId}`, subjects: [...names], issuers }]

const namesOf = (policy: Json | undefined): string[] => {
  const subjects = valueAt(policy, ['subjects'])
  return Array.isArray(subjects) ? subjects.map(String) : []
}

/** Before those of others, as one without subjects is for all names. */
function withPolicies(config: Json, siteId: string, policies: readonly JsonObject[]): Json {
  const all = listed(config)
  if (policies.length === 0 && !all.some((one) => isOfSite(one, siteId))) return config
  const ours = [...all.filter((one) => isOurs(one) && !isOfSite(one, siteId)), ...policies]
  const sorted = ours.sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
  const together = [...sorted, ...all.filter((one) => !isOurs(one))]
  return together.length === 0 ? withoutValue(config, policiesPath) : withValue(config, policiesPath, together)
}

function listed(config: Json): readonly Json[] {
  const policies = valueAt(config, policiesPath)
  return Array.isArray(policies) ? (policies as readonly Json[]) : [] // `as`: Array.isArray widens it
}
