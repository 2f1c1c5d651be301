import { paths } from '../paths.js'
import { file, page } from '../platform/http/reply.js'
import { get, post, type Route } from '../platform/http/route.js'
import { spendQuota } from '../platform/quotas/quotas.js'
import { auditPage, exportLog, operatorAuditPage } from './audit.js'
import { AuditExport, AuditList, AuditQuery } from './schema.js'

export const auditRoutes: readonly Route[] = [
  get(
    '/audit',
    { can: 'audit:read', query: AuditQuery, output: AuditList, summary: 'The audit log, newest first' },
    async ({ ctx, query }) => {
      if (query.words !== undefined) await spendQuota(ctx.services, ctx.team.id, 'log-searches')
      return page('audit/index', { ...(await auditPage(ctx, query)), here: paths.audit(ctx.team.slug) })
    },
  ),

  post(
    '/audit/exports',
    {
      can: 'audit:export',
      quota: 'exports',
      input: AuditExport,
      downloads: ['text/csv', 'application/x-ndjson'],
      summary: 'The audit log as CSV or JSON lines, newest first',
    },
    async ({ ctx, input }) =>
      file(
        `${ctx.team.slug}-audit.${input.format}`,
        input.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
        await exportLog(ctx, input),
      ),
  ),

  get('/operator/audit', { can: 'operator', query: AuditQuery }, async ({ ctx, query }) =>
    page('audit/operator', { ...(await operatorAuditPage(ctx, query)), here: paths.operatorAudit() }),
  ),
]
