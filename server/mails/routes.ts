import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { get, post } from '../platform/http/route.js'
import { listMails, retryMail } from './mails.js'

export const mailRoutes = [
  get('/operator/mail', { can: 'operator' }, async ({ ctx }) => page('mails/index', await listMails(ctx))),

  post('/operator/mail/:mail/retries', { can: 'operator' }, async ({ ctx, params }) => {
    await retryMail(ctx, params.mail)
    return go(paths.operatorMail(), 'It is tried again now')
  }),
]
