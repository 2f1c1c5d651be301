import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import { type AppOptions, createApp } from '../../server/app.js'
import { paths } from '../../server/paths.js'
import { routes as allRoutes } from '../../server/routes.js'
import { shellOf } from '../../server/shell.js'
import './compiled-views.js'
import type { World } from './people.js'

/** The whole panel on a free port, asked as a browser asks: cookies kept, redirects not followed, tokens sent. */
export interface TestPanel {
  readonly url: string
  /** With the session of `cookie`, or nobody's. */
  browser(cookie?: string): Browser
  close(): Promise<void>
}

export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<Page>
  /** As a form of our own page does, with the token that page gave. `_csrf` in `fields` replaces it. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>
  cookie(name: string): string | undefined
}

export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Of the page's `<meta name="csrf-token">`. */
  readonly csrf: string
}

export async function startTestPanel(
  world: Pick<World, 'services' | 'authorizer'>,
  routes = allRoutes,
  options: AppOptions = {},
): Promise<TestPanel> {
  const { services, authorizer } = world
  return listen(createApp(services, routes, authorizer, { shellOf, viewGlobals: { paths }, ...options }), services)
}

/** A panel that was put together otherwise, on a free port. */
export async function listen(app: Express, services: World['services']): Promise<TestPanel> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // It listens on TCP.

  return {
    url,
    browser: (cookie) => browser(url, services.config.baseUrl.origin, cookie),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function browser(url: string, origin: string, cookie = ''): Browser {
  const jar = new Map(cookie === '' ? [] : [[cookie.split('=')[0] ?? '', cookie.slice(cookie.indexOf('=') + 1)]])
  let csrf = ''

  async function ask(path: string, init: RequestInit): Promise<Page> {
    const headers = new Headers(init.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(url + path, { redirect: 'manual', ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0/.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const text = await response.text()
    csrf = /name="csrf-token" content="([^"]*)"/.exec(text)?.[1] ?? csrf
    return { status: response.status, headers: response.headers, text, csrf }
  }

  return {
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, fields, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: new URLSearchParams({ _csrf: csrf, ...fields }),
        headers: { origin, 'sec-fetch-site': 'same-origin', ...headers },
      }),
    cookie: (name) => jar.get(name),
  }
}
