import { z } from 'zod'

/** Border of the environment: which names and values a variable may have. */

export const VariableKind = z.enum(['run', 'build', 'both'], 'Choose when it is there')
export type VariableKind = z.output<typeof VariableKind>

const nameOf = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Steps of ours run with the site's variables, too; these would change what those run, not what the site does. */
const refused: readonly (readonly [names: RegExp, why: string])[] = [
  [/^PORT$/, 'Hostler sets PORT: it is where the site has to listen'],
  [/^(LD|DYLD)_/, 'it loads foreign code into every program that builds or starts the site'],
  [/^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|IFS|PS4|PROMPT_COMMAND)$/, 'it changes what a shell does before your command'],
  [/^PATH$/, 'it decides which programs build and start the site. Add to it in the command: PATH="$PATH:…" …'],
  [/^(HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|TMPDIR)$/, 'it belongs to the user that the site runs as'],
  [/^GIT_/, 'it changes how the source is fetched'],
  [/^(SSH_ASKPASS|SSH_AUTH_SOCK|DOCKER_HOST|NOTIFY_SOCKET|LISTEN_FDS|LISTEN_PID)$/, 'it belongs to the machine'],
]

const buildOnly: readonly (readonly [names: RegExp, why: string])[] = [
  [
    /^NODE_OPTIONS$/,
    'NODE_OPTIONS reaches the tools that build the site, too. Use it when running only, or write it into the build command',
  ],
]

/** Why a variable of that name cannot be set for that time; null when it can. */
export function whyNotKey(key: string, kind: VariableKind): string | null {
  if (!nameOf.test(key)) return 'A name has letters, digits and underscores, and does not start with a digit'
  if (key.length > 200) return 'A name has at most 200 characters'
  const why = refused.find(([names]) => names.test(key))?.[1]
  if (why) return why.startsWith('Hostler') ? why : `${key} cannot be set: ${why}`
  return (kind !== 'run' && buildOnly.find(([names]) => names.test(key))?.[1]) || null
}

/** Lines may break in a value (keys, certificates); what cannot be in any environment is refused. */
export const Value = z
  .string()
  .max(65_536, 'A value has at most 65,536 characters')
  .refine((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text), 'This value cannot be stored')

/** What stands in place of a secret that is kept. Sent back, it changes nothing. */
export const placeholder = '••••••••'

const checkedKey = (variable: { key: string; kind: VariableKind }, context: z.core.$RefinementCtx) => {
  const why = whyNotKey(variable.key, variable.kind)
  if (why !== null) context.addIssue({ code: 'custom', path: ['key'], message: why })
}

/** From a form a word, from JSON true or false. */
export const yesNo = z.preprocess(
  (value) => (value === 'true' || value === 'on' ? true : value === 'false' || value === 'off' ? false : value),
  z.boolean(),
)

/** JSON without `isSecret` means a secret: showing it later is one click, taking it back is not. */
export const NewVariable = z
  .strictObject({
    key: z.string(),
    value: Value,
    kind: VariableKind.default('both'),
    isSecret: yesNo.default(true),
  })
  .superRefine(checkedKey)
export type NewVariable = z.output<typeof NewVariable>

export const mostVariables = 1000
