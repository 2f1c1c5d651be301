import { UserError } from '../platform/errors.js'

declare const branch: unique symbol
declare const commit: unique symbol

/**
 * A branch as Git allows it. `a;id`, `a$(id)` and `a'b` are valid names, so this is no protection for a shell:
 * the words of a command are quoted where they become text.
 */
export type BranchName = string & { readonly [branch]: true }

/** The whole hash of a commit, SHA-1 or SHA-256, in lower case. */
export type CommitSha = string & { readonly [commit]: true }

/** Throws `UserError` 422 saying which rule of `git check-ref-format --branch` the name breaks. */
export function parseBranchName(text: string): BranchName {
  const why = faultOf(text)
  if (why !== null) throw new UserError(422, `This is not a branch name: ${why}`)
  return text as BranchName // every rule was checked
}

export function parseCommitSha(text: string): CommitSha {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) {
    throw new UserError(
      422,
      'This is not the hash of a commit',
      'Give all 40 (or 64) characters, from 0 to 9 and a to f.',
    )
  }
  return text.toLowerCase() as CommitSha // checked above
}

export const shortSha = (sha: CommitSha): string => sha.slice(0, 7)

// https://git-scm.com/docs/git-check-ref-format, plus a length that file systems can hold.
const faults: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'it is empty'],
  [/^-/, 'it starts with a dash'],
  [/[\0-\x20\x7f]/, 'it contains a space, a line break or a control character'],
  [/[~^:?*[\\]/, 'it contains one of ~ ^ : ? * [ \\'],
  [/\.\./, 'it contains two dots in a row'],
  [/@\{/, 'it contains @{'],
  [/^@$|^HEAD$/, 'that word has a meaning of its own in Git'],
  [/^\/|\/$|\/\//, 'it starts or ends with a slash, or has two in a row'],
  [/(?:^|\/)\./, 'a part of it starts with a dot'],
  [/\.lock(?:\/|$)/, 'a part of it ends with .lock'],
  [/\.$/, 'it ends with a dot'],
  // A lone half of a surrogate pair would reach Git as another name than the one shown.
  [/\p{Surrogate}/u, 'it is not valid Unicode'],
]

function faultOf(text: string): string | null {
  if (Buffer.byteLength(text) > 240) return 'it is too long'
  return faults.find(([broken]) => broken.test(text))?.[1] ?? null
}
