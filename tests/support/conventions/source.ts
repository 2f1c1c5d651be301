import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'

export interface SourceFile {
  /** From the root of the clone, with slashes. */
  readonly path: string
  readonly text: string
  /** The text with its comments blanked, so that a rule reads only what runs. */
  readonly code: string
}

/** Every text file of the project that git knows or would take. */
export function sourceFiles(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  return listed
    .split('\n')
    .filter((path) => /\.(ts|js|cjs|mjs|njk|css|sh)$|^bin\/[\w-]+$/.test(path) && existsSync(path))
    .filter((path) => !path.startsWith('public/vendor/'))
    .map((path) => sourceFile(path, readFileSync(path, 'utf8')))
}

export function sourceFile(path: string, text: string): SourceFile {
  const code = /\.[cm]?[tj]s$/.test(path) ? withoutComments(path, text) : text.replaceAll(/\{#.*?#\}/gs, blank)
  return { path, text, code }
}

/** The compiler's own reading: a regular expression would take the // of a URL in a string for a comment. */
function withoutComments(path: string, text: string): string {
  const ranges: ts.CommentRange[] = []
  const visit = (node: ts.Node): void => {
    ranges.push(
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.pos) ?? []),
    )
    for (const child of node.getChildren()) visit(child)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return ranges.reduce((code, { pos, end }) => code.slice(0, pos) + blank(code.slice(pos, end)) + code.slice(end), text)
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')
