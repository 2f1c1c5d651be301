import type { PreviewView } from './views.js'

/** What a comment of ours is known by, if its number was lost. */
export const markerOf = (previewId: string): string => `<!-- hostler-preview ${previewId} -->`

export interface CommentFacts {
  readonly id: string
  readonly site: string
  readonly preview: PreviewView
  /** Pages of the panel, for those who may see them. */
  readonly deployUrl: string | null
  readonly previewsUrl: string
}

/** The comment on a pull request, in the Markdown that all hosts read. */
export function commentText({ id, site, preview, deployUrl, previewsUrl }: CommentFacts): string {
  const { state, text, url, commit } = preview
  const rows = [
    [
      'Status',
      deployUrl && ['live', 'deploying', 'failed'].includes(state) ? `[${plain(text)}](${deployUrl})` : plain(text),
    ],
    ...(url && (state === 'live' || preview.isLive) ? [['Address', url]] : []),
    ...(state === 'none' || state === 'going' ? [] : [['Commit', `\`${commit.slice(0, 7)}\``]]),
    ...(preview.fault ? [['In the way', plain(preview.fault)]] : []),
    ...(state === 'waits-for-approval' ? [['To do', `[Approve it](${previewsUrl})`]] : []),
  ]
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`).join('\n')
  return `${markerOf(id)}\n**Preview of ${plain(site)}**\n\n| | |\n|---|---|\n${table}\n`
}

/** As one line that means nothing to Markdown, and calls nobody by name. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()#+!|<>~]/g, (sign) => `\\${sign}`)
    .replaceAll('@', '@\u200b')
    .slice(0, 500)
