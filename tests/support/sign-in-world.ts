import { randomUUID } from 'node:crypto'
import { paths } from '../../server/paths.js'
import { Secret } from '../../server/platform/secret.js'
import { addConnection } from '../../server/sign-in-connections/settings.js'
import { addressesOf } from '../../server/sign-in-connections/sign-in-connections.js'
import { type Browser, type Page, startTestPanel, type TestPanel } from './panel.js'
import { type Name, type World, world } from './people.js'

/** The people of the tests, the panel in front of them, and how a browser goes to a provider and comes back. */
export interface SignInWorld extends World {
  readonly panel: TestPanel
  /** Somebody has linked that subject of a connection before. */
  know(connection: string, subject: string, name: Name): Promise<void>
}

/** By the machine's own clock: real providers have no other. */
export async function signInWorld(): Promise<SignInWorld> {
  const w = await world({ clock: () => new Date() })
  const panel = await startTestPanel(w)
  // `world` has getters, which a copy would freeze.
  return Object.create(w, {
    panel: { value: panel },
    know: {
      value: (connection: string, subject: string, name: Name) =>
        w.test.query(
          `insert into identities (id, user_id, provider, connection_id, subject, created_at)
           values ($1, $2, 'connection', $3, $4, now())`,
          [randomUUID(), w.people[name].id, connection, subject],
        ),
    },
    close: {
      value: async () => {
        await panel.close()
        await w.close()
      },
    },
  }) as SignInWorld // `as`: a world with those two.
}

type Provider = { readonly issuer: string; readonly clientSecret?: string }
type Wanted = { reserved?: string; defaultRole?: 'developer' | 'viewer'; name?: string; by?: 'owner' | 'stranger' }

/** Acme's, unless somebody else makes it for their team. */
export async function connectTo(w: World, provider: Provider, wanted: Wanted = {}): Promise<string> {
  return addConnection(await w.ctx(wanted.by ?? 'owner'), {
    ...{ kind: 'oidc', name: wanted.name ?? 'Okta', issuer: provider.issuer, clientId: 'hostler' },
    clientSecret: new Secret(provider.clientSecret ?? 'canary_client_secret'),
    defaultRole: wanted.defaultRole ?? null,
    reserved: wanted.reserved,
  })
}

export async function connectBySaml(w: World, metadata: string, name = 'Entra'): Promise<string> {
  const wanted = { kind: 'saml', name, metadata, defaultRole: null, reserved: undefined } as const
  return addConnection(await w.ctx('owner'), wanted)
}

/** The address that a provider has to know before there is a connection. */
export function reservedRedirect(w: World): { reserved: string; redirectUrl: string } {
  const reserved = randomUUID()
  return { reserved, redirectUrl: addressesOf(w.services.config.baseUrl, reserved).redirect }
}

/** Presses the button on the page of the connection; the address that the browser goes on to. */
export async function begin(browser: Browser, id: string, next = ''): Promise<URL> {
  await browser.get(paths.signInBy(id))
  return leadsTo(await browser.post(paths.signInByStarts(id), { next }))
}

export function leadsTo(page: Page): URL {
  const url = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(page.text)?.[1]
  if (url === undefined) throw new Error(`It leads nowhere: ${page.status} ${page.text.slice(0, 2000)}`)
  return new URL(url.replaceAll('&amp;', '&'))
}

/** Comes back with what stands in that address, as a browser does: the page is shown, and its form sent. */
export async function comeBack(browser: Browser, url: URL): Promise<Page> {
  const page = await browser.get(url.pathname + url.search)
  if (page.status !== 200) return page
  const fields = [...page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)]
  const sent = Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]))
  return browser.post(url.pathname, { ...sent, _csrf: page.csrf })
}

/** What the team was told of refused sign-ins, the oldest first. */
export async function refusals(w: World, team = w.acme): Promise<string[]> {
  const rows = await w.test.query<{ reason: string; times: number }>(
    `select event->'data'->>'refusal' as reason, times from refusals where type = 'sign-in-connection.refused' and team_id = $1`,
    [team.id],
  )
  return rows.flatMap(({ reason, times }) => Array.from({ length: times }, () => reason))
}

/** As if its record had been seen. */
export const proveDomain = (w: World, name: string, team = w.acme): Promise<unknown> =>
  w.test.query(
    `insert into domain_claims (id, team_id, name, proven_at, check_due_at, created_by, created_at)
     values ($1, $2, $3, now(), now() + interval '1 day', 'Owner', now())`,
    [randomUUID(), team.id, name],
  )
