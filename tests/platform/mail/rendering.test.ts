import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMailViews } from '../../../server/platform/http/mail-views.js'
import { projectFolder } from '../../../server/platform/http/project-folder.js'
import { oneLine } from '../../../server/platform/mail/rules.js'
import { type MailWorld, mailWorld } from '../../support/mail-world.js'

const views = createMailViews(false)
const hostile = '"><img src=x onerror=alert(1)> {{7*7}} & <b>'

describe('what a mail says', () => {
  it('XT-01, XT-04: is escaped in HTML and plain in text, and never a template of its own', () => {
    const { subject, text, html } = views.render('test', { panel: hostile })

    expect(subject.trim()).toBe('A test of Hostler’s mail')
    expect(text).toContain(`Hostler, ${hostile}`)
    expect(html).not.toMatch(/<img|<b>|49/)
    expect(html).toContain('{{7*7}} &amp; &lt;b&gt;')
  })

  it('loads nothing from anywhere', () => {
    const folder = join(projectFolder, 'views', 'mail')
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /njk$/.test(name)))
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/<(img|link|script|iframe)|url\(|@import|src=/)
  })

  it('is an error where a value is missing, so that nobody gets half a mail', () => {
    expect(() => views.render('test', {})).toThrow('undefined')
  })

  it('XT-11: has a subject of one line that ends somewhere', () => {
    expect(oneLine('a\r\nBcc: b@c\u2028d\u202ee', 150)).toBe('a Bcc: b@c d e')
    expect([...oneLine('💌'.repeat(200), 150)]).toHaveLength(150)
  })
})

describe('what goes over the wire', () => {
  let w: MailWorld
  beforeAll(async () => {
    w = await mailWorld()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('XT-11: has one recipient and no header of its own, whatever the names are', async () => {
    const crlf = 'Ada\r\nBcc: eve@example.com\r\n\r\nHello'
    await w.services.db.asIdentity((db) =>
      w.services.mail.sendMail(
        db,
        {
          to: 'ada@example.com',
          view: 'test',
          data: { panel: crlf },
          replyTo: { name: crlf, address: 'bob@example.com' },
        },
        w.services.clock(),
      ),
    )
    await w.test.query('update mails set subject = $1', [`Hello ${crlf}`])
    const [mail] = await w.deliver()

    expect(mail?.to).toEqual(['ada@example.com'])
    expect(mail?.email.headers.map(({ key }) => key)).not.toContain('bcc')
    expect(mail?.email.replyTo).toEqual([{ name: expect.stringContaining('Ada Bcc'), address: 'bob@example.com' }])
    expect(mail?.email.to).toEqual([{ name: '', address: 'ada@example.com' }])
  })

  it.each(['a@b.example\r\nBcc: c@d.example', 'a@b.example, c@d.example', 'Ada <a@b.example>'])(
    'XT-11: is refused for the recipient %j and as whom to answer',
    async (address) => {
      const write = (mail: object) =>
        w.services.db.asIdentity((db) =>
          w.services.mail.sendMail(db, { to: 'ada@example.com', view: 'test', data: {}, ...mail }, w.services.clock()),
        )

      await expect(write({ to: address })).rejects.toThrow('one address')
      await expect(write({ replyTo: { name: '', address } })).rejects.toThrow('one address')
    },
  )

  it('is text and HTML, and nothing else', async () => {
    await w.services.db.asIdentity((db) =>
      w.services.mail.sendMail(db, { to: 'ada@example.com', view: 'test', data: {} }, w.services.clock()),
    )
    const [mail] = await w.deliver()

    expect(mail?.email.attachments).toEqual([])
    expect(mail?.email.text).toBe(
      'This panel can send mail. Nothing else has to be done.\n\n-- \nHostler, localhost:3000\n\n',
    )
    expect(mail?.email.html).toContain('<p>This panel can send mail. Nothing else has to be done.</p>')
  })
})
