import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What GitHub has published of one kind of its webhooks. */
export interface GithubExamples {
  readonly name: string
  readonly examples: readonly Record<string, Record<string, unknown>>[]
}

const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples')

/**
 * Of every kind. Read and not imported: vitest makes a program of what is imported, this one stays in its process with
 * 150 MB, and whatever a large process starts has to copy its page tables first.
 */
export const githubExamples = (): readonly GithubExamples[] => JSON.parse(readFileSync(file, 'utf8'))
