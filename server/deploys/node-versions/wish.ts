/** Which Node a repository asks for, in its own words. */
export interface NodeWish {
  readonly text: string
  /** For sentences: "the site's settings", ".nvmrc". */
  readonly from: string
}

export interface WishSources {
  readonly setting: string | null
  readonly nvmrc: string | null
  readonly nodeVersionFile: string | null
  /** `engines.node` of package.json. */
  readonly engines: string | null
}

/** The person's own setting comes first, then the files from the most to the least exact. Null when nothing is asked. */
export function nodeWish(sources: WishSources): NodeWish | null {
  const candidates: readonly NodeWish[] = [
    { text: sources.setting ?? '', from: "the site's settings" },
    { text: firstWord(sources.nvmrc), from: '.nvmrc' },
    { text: firstWord(sources.nodeVersionFile), from: '.node-version' },
    { text: sources.engines ?? '', from: 'engines.node in package.json' },
  ]
  const wish = candidates.find(({ text }) => text.trim() !== '')
  return wish ? { ...wish, text: wish.text.trim() } : null
}

/** Both files may hold comments and empty lines. */
const firstWord = (content: string | null): string =>
  (content ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .find((line) => line !== '') ?? ''
