import { join } from 'node:path'
import nunjucks from 'nunjucks'
import { projectFolder } from './project-folder.js'

/**
 * One view under `views/mail/` is the subject, the text and the HTML of a mail. It is written once: it extends `layout`
 * and takes its paragraphs and links from `parts`, which differ. Only the HTML has to be escaped, and is.
 */
export interface MailViews {
  /** What it throws is a fault of the view, or of who asked for it. */
  render(view: string, data: object): Record<'subject' | 'text' | 'html', string>
}

export function createMailViews(isProduction: boolean): MailViews {
  const escaped = environment(isProduction, true)
  const plain = environment(isProduction, false)
  return {
    render(view, data) {
      const as = (env: nunjucks.Environment, layout: string, parts: string) =>
        env.render(`${view}.njk`, { ...data, layout: `layouts/${layout}.njk`, parts: `parts/${parts}.njk` })
      return {
        subject: as(plain, 'subject', 'text'),
        text: as(plain, 'text', 'text'),
        html: as(escaped, 'html', 'html'),
      }
    },
  }
}

function environment(isProduction: boolean, isEscaped: boolean): nunjucks.Environment {
  const loader = new nunjucks.FileSystemLoader(join(projectFolder, 'views', 'mail'), { noCache: !isProduction })
  return new nunjucks.Environment(loader, {
    autoescape: isEscaped,
    throwOnUndefined: !isProduction,
    trimBlocks: true,
    lstripBlocks: true,
  })
}
