import express, { type Express } from 'express'
import { noteDenials } from './audit/audit.js'
import type { Authorizer } from './platform/access/authorizer.js'
import { apiReferenceRoutes } from './platform/http/api-reference.js'
import { loadAssets } from './platform/http/assets.js'
import type { OnDenied } from './platform/http/denials.js'
import { errorHandler, nothingHere } from './platform/http/errors.js'
import { securityHeaders } from './platform/http/headers.js'
import { type HealthChecks, health } from './platform/http/health.js'
import { mount } from './platform/http/mount.js'
import { refuseOtherHosts } from './platform/http/own-host.js'
import type { HttpParts } from './platform/http/parts.js'
import { sqlIdempotency } from './platform/http/queries.js'
import { requestLog } from './platform/http/request-log.js'
import type { Route } from './platform/http/route.js'
import { emptyShell, type ShellOf } from './platform/http/shell.js'
import { createViews } from './platform/http/views.js'
import { Secret } from './platform/secret.js'
import type { Services } from './platform/services.js'

export interface AppOptions {
  readonly checks?: HealthChecks
  readonly shellOf?: ShellOf
  /** Exact hops or networks, as Express knows them; never `true`, which would believe anyone. */
  readonly trustProxy?: false | number | string
  readonly viewGlobals?: Readonly<Record<string, unknown>>
  readonly viewFolders?: readonly string[]
  readonly signInPath?: string
  readonly verifyPath?: string
  readonly factorPath?: string
  readonly proofPath?: string
  /** Left out: who was refused is written into the audit log. */
  readonly onDenied?: OnDenied
}

export function createApp(
  services: Services,
  routes: readonly Route[],
  authorizer: Authorizer,
  options: AppOptions = {},
): Express {
  const { config, log, clock } = services
  const assets = loadAssets()
  const views = createViews({
    isProduction: config.isProduction,
    asset: assets.url,
    clock,
    globals: options.viewGlobals ?? {},
    moreFolders: options.viewFolders ?? [],
  })
  const parts: HttpParts = {
    services,
    authorizer,
    baseUrl: config.baseUrl,
    log,
    views,
    shellOf: options.shellOf ?? (async () => emptyShell),
    visitorKey: services.vault.digest(new Secret('visitor'), 'http'),
    idempotency: sqlIdempotency(services.db, clock),
    signInPath: options.signInPath ?? '/sign-in',
    verifyPath: options.verifyPath ?? '/profile/email',
    factorPath: options.factorPath ?? '/sign-in/factor',
    proofPath: options.proofPath ?? '/profile/proof',
    onDenied: options.onDenied ?? noteDenials(services),
  }

  const app = express().disable('x-powered-by').disable('etag').set('query parser', false)
  app.set('trust proxy', options.trustProxy ?? false).set('case sensitive routing', true)
  app.use(securityHeaders(config.baseUrl))
  app.use(health(options.checks ?? {}))
  app.use(requestLog(log))
  app.use(refuseOtherHosts(config.baseUrl))
  app.use(assets.serve)
  mount(app, [...routes, ...apiReferenceRoutes(routes, config.baseUrl)], parts)
  app.use(nothingHere)
  app.use(errorHandler(parts))
  return app
}
