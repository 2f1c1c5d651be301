/**
 * Rules of access with a hole in them: one piece of the product's source, and what stands there instead. Each lets somebody
 * in who is not, so that a test has to notice (AZ-06). A piece that is not found, or found twice, is an error: the rule has
 * moved, and its mutant has to follow.
 */
export interface Mutant {
  readonly file: string
  readonly piece: string
  readonly instead: string
}

const gate = 'server/authorizer.ts'
const who = 'server/platform/access/authorizer.ts'
const may = 'server/platform/access/access.ts'
const closed = 'server/platform/access/closed.ts'
const stepUp = 'server/platform/access/step-up.ts'
const served = 'server/platform/http/serve.ts'
const csrf = 'server/platform/http/csrf.ts'
const keys = 'server/api-keys/queries.ts'
const sessions = 'server/sessions/queries.ts'
const visits = 'server/support/queries.ts'

export const mutants = {
  // Teams
  'anybody is a member of any team': {
    file: gate,
    piece: 'identity.teams.find((team) => team.slug === slug)',
    instead: 'identity.teams[0]',
  },
  'a closed team is open': { file: gate, piece: 'refuseClosed(team, member.closed, permission)', instead: '' },
  'a suspended team can be deleted': {
    file: closed,
    piece: 'suspended: new Set<Permission>(),',
    instead: "suspended: new Set<Permission>(['team:delete']),",
  },
  'a team that is being deleted is open': {
    file: closed,
    piece: "deleted: new Set<Permission>(['team:delete']),",
    instead: "deleted: new Set<Permission>(['team:delete', 'site:read']),",
  },
  'a factor that a team requires is not asked for': {
    file: gate,
    piece: 'identity.shut.teams.includes(found.id)',
    instead: 'false',
  },
  'a factor that the panel requires is not asked for in teams': {
    file: gate,
    piece: 'const isShut = identity.shut.everywhere ||',
    instead: 'const isShut =',
  },
  'a factor that the panel requires is not asked of operators': {
    file: who,
    piece: "if (identity.shut.everywhere) throw new FactorRequired('This panel')",
    instead: '',
  },
  'a key stands for somebody without the factor that is required': {
    file: keys,
    piece: 'from sign_in_rules rule where rule.requires_factor',
    instead: 'from sign_in_rules rule where false',
  },
  'a team’s own sign-in is not asked for': {
    file: gate,
    piece: 'if (found?.wantsOwnSignIn) throw ownSignInNeeded(services, found)',
    instead: '',
  },

  // Parts of a team
  'a role on one site holds on every site': {
    file: may,
    piece: 'if (here.id !== null && allows(access, permission, here.id))',
    instead: 'if (here.id !== null)',
  },
  'a list opens to who may see nothing in it': {
    file: may,
    piece: "return allowsSomewhere(access, permission) ? 'yes' : 'no'",
    instead: "return 'yes'",
  },
  'what somebody does not see is told apart from what is not there': {
    file: may,
    piece: "access.on.size === 0 ? 'no' : 'unseen'",
    instead: "access.on.size === 0 ? 'no' : 'no'",
  },
  'a role on a site holds what is of the team': {
    file: may,
    piece: 'if (canBeHeldOn(permission, kind)) held.add(permission)',
    instead: 'held.add(permission)',
  },

  // Who asks
  'half signed in is signed in': {
    file: who,
    piece: "if (identity.kind === 'visitor' || identity.kind === 'half') {",
    instead: "if (identity.kind === 'visitor') {",
  },
  'whoever is signed in may give a second factor': {
    file: who,
    piece: "if (can === 'half-signed-in' || can === 'directory') throw",
    instead:
      "if (can === 'half-signed-in') return personCtx(services, identity, address)\n  if (can === 'directory') throw",
  },
  'anybody is an operator': {
    file: who,
    piece: "if (identity.kind !== 'person' || !identity.isOperator) throw",
    instead: "if (identity.kind !== 'person') throw",
  },
  'an operator in a team may do everything': {
    file: gate,
    piece: 'access: supportAccess,',
    instead: 'access: { everywhere: { has: () => true } as never, on: new Map() },',
  },
  'an operator is in every team': {
    file: visits,
    piece: 'where support.session_hash = $1 and team.slug = $2 and support.ends_at > $3',
    instead: "where $1::bytea is not null and team.slug = $2 and coalesce(support.ends_at, 'infinity') > $3",
  },
  'a suspended person’s session goes on': {
    file: sessions,
    piece: 'and session.last_seen_at > $3 and person.disabled_at is null',
    instead: 'and session.last_seen_at > $3',
  },
  'a session that nobody used goes on': {
    file: 'server/sessions/identity.ts',
    piece: 'if (isOver(session, session.rules, now)) return endOver(services, session, now)',
    instead: '',
  },

  // Keys
  'a suspended person’s key goes on': { file: keys, piece: ' and person.disabled_at is null)`)', instead: ')`)' },
  'the key of who was removed goes on': {
    file: keys,
    piece: "key.owner = 'team' or membership.user_id is not null and",
    instead: "key.owner = 'team' or",
  },
  'a key opens every team': {
    file: keys,
    piece: "'key.id': id, 'team.slug': slug }",
    instead: "'key.id': id }",
  },
  'a revoked key goes on': {
    file: keys,
    piece: ".whereNull('key.revoked_at')\n    .where((open)",
    instead: '.where((open)',
  },
  'a key that is over goes on': {
    file: keys,
    piece: "open.whereNull('key.expires_at').orWhere('key.expires_at', '>', now)",
    instead: "open.whereNull('key.expires_at').orWhereNotNull('key.expires_at')",
  },
  'a key is taken from every network': {
    file: 'server/api-keys/knowing.ts',
    piece: 'if (!isFrom(usable.networks, address)) throw await refusedHere(services, usable, address)',
    instead: '',
  },
  'a key does more than its maker may': {
    file: gate,
    piece: 'access: within(own.access, makers.access)',
    instead: 'access: own.access',
  },
  'a key does what asks who is there': {
    file: served,
    piece: 'refuseKeys(state.identity, chosen.options)\n',
    instead: '\n',
  },

  // Step-up
  'nobody is asked who they are again': {
    file: served,
    piece: "requireProof(stateOf(req).identity ?? { kind: 'visitor' }, route.options.stepUp, call.ctx.now())",
    instead: '',
  },
  'a proof does for ever': { file: stepUp, piece: 'now.getTime() - at.getTime() < proofMs', instead: 'true' },
  'the password alone does where both are asked for': {
    file: stepUp,
    piece: 'return isNew(passwordAt, now) && (!hasFactor || isNew(factorAt, now))',
    instead: 'return isNew(passwordAt, now)',
  },

  // Whose page a request comes from
  'no token is asked for': {
    file: served,
    piece: 'checkToken(req, body, state.identity, parts.visitorKey, baseUrl)\n',
    instead: '\n',
  },
  'any token does': {
    file: csrf,
    piece: 'a.length === b.length && a.length > 0 && timingSafeEqual(a, b)',
    instead: 'a.length > 0 && b.length > 0',
  },
  'another origin may ask for changes': {
    file: csrf,
    piece: 'if (origin !== undefined && origin !== baseUrl.origin) {',
    instead: 'if (origin === undefined && baseUrl.origin === undefined) {',
  },
  'another site may ask for changes': {
    file: csrf,
    piece: "if (site === 'cross-site' || site === 'same-site') {",
    instead: "if (site === 'no-such-word') {",
  },

  // For each permission at a time: whichever is set by the test
  'one permission is everybody’s': {
    file: may,
    piece: "if (access.everywhere.has(permission)) return 'yes'",
    instead: "if (access.everywhere.has(permission) || permission === globalThis.permissionOfEverybody) return 'yes'",
  },
  // To see that a mutant is noticed for its hole, and not because it is put together otherwise
  none: { file: gate, piece: '', instead: '' },
} as const satisfies Record<string, Mutant>

export type MutantName = keyof typeof mutants
