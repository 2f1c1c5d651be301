/**
 * Commands are data. A feature builds a `Command` from words; only this folder turns it into text for a shell,
 * and there is no way to pass raw text. Secrets are not words: they travel by stdin or in a 0600 file.
 */
export type Word = string | number

export type Command =
  | { readonly kind: 'exec'; readonly words: readonly Word[] }
  | { readonly kind: 'join'; readonly by: '&&' | '||' | '|'; readonly parts: readonly Command[] }
  | { readonly kind: 'into'; readonly command: Command; readonly file: string; readonly append: boolean }

export const cmd = (program: string, ...words: readonly Word[]): Command => ({
  kind: 'exec',
  words: [program, ...words],
})

/** Runs the next only when the one before it succeeded. */
export const all = (...parts: readonly Command[]): Command => ({ kind: 'join', by: '&&', parts })

/** Runs the next only when the one before it failed. */
export const either = (...parts: readonly Command[]): Command => ({ kind: 'join', by: '||', parts })

export const pipe = (...parts: readonly Command[]): Command => ({ kind: 'join', by: '|', parts })

export const into = (command: Command, file: string, append = false): Command => ({
  kind: 'into',
  command,
  file,
  append,
})
