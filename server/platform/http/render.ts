import type { Request, Response } from 'express'
import nunjucks from 'nunjucks'
import { TeamCtx } from '../access/ctx.js'
import type { Permission } from '../access/permissions.js'
import { tokenField, tokenFor } from './csrf.js'
import { takeFlash } from './flash.js'
import type { HttpParts } from './parts.js'
import { stateOf } from './request-state.js'
import type { Refused } from './send-reply.js'
import { emptyShell } from './shell.js'

/** Only a part of the page is swapped, so only the part is sent. htmx says "full" when it swaps the whole body. */
export const wantsFragment = (req: Request): boolean =>
  req.get('hx-request') === 'true' && req.get('hx-request-type') === 'partial'

/**
 * A view with what every view has: `layout`, `shell`, `csrfField`, `csrfToken`, `nonce`, `notice`, `team` (on its routes), `may`, `maySomewhere`, `path`, and
 * `values` and `errors` (by field) of a form that was refused.
 */
export async function renderView(
  parts: HttpParts,
  req: Request,
  res: Response,
  reply: { readonly kind: 'page' | 'fragment'; readonly view: string; readonly data: unknown },
  refused?: Refused,
): Promise<string> {
  const { identity = { kind: 'visitor' as const }, ctx, nonce } = stateOf(req)
  const isWhole = reply.kind === 'page' && !wantsFragment(req)
  const csrfToken = tokenFor(req, res, identity, parts.visitorKey, parts.baseUrl)
  res.vary('HX-Request, HX-Request-Type')
  return parts.views.render(reply.view, {
    ...(reply.data as object), // `as`: page() and fragment() take objects only
    layout: isWhole ? 'layouts/app.njk' : 'layouts/fragment.njk',
    shell: isWhole && ctx ? await parts.shellOf(identity, ctx, req.path) : emptyShell,
    csrfToken,
    csrfField: new nunjucks.runtime.SafeString(`<input type="hidden" name="${tokenField}" value="${csrfToken}">`),
    nonce,
    notice: isWhole ? takeFlash(req, res, parts.baseUrl) : undefined,
    team: ctx instanceof TeamCtx ? ctx.team : undefined,
    may: (permission: Permission, id?: string) => ctx instanceof TeamCtx && ctx.may(permission, id),
    maySomewhere: (permission: Permission) => ctx instanceof TeamCtx && ctx.maySomewhere(permission),
    path: req.path,
    proofUrl: refused?.proofUrl ?? null,
    values: refused?.values ?? {},
    errors: Object.fromEntries(
      [...(refused?.errors ?? [])].reverse().map(({ field, message }) => [field || 'form', message]),
    ),
  })
}
