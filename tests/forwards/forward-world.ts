import { forwardPage, ofTeam, sendForwards, setForward } from '../../server/forwards/forwards.js'
import { append } from '../../server/platform/events/append.js'
import { newId } from '../../server/platform/ids.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import { type Page, startTestPanel, type TestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'
import { httpSink, type Posted, type Sink, syslogSink } from './sinks.js'

export const host = 'siem.example.com'
export const secret = 'a secret that both sides know'

/** A panel whose names all lead to this machine, where a receiver of each kind listens. */
export interface ForwardWorld {
  readonly w: World
  readonly panel: TestPanel
  readonly syslog: Sink<string>
  readonly http: Sink<Posted>
  readonly https: Sink<Posted>
  /** Before each test: nothing is there, and the receivers are new. */
  begin(): Promise<void>
  end(): Promise<void>
  close(): Promise<void>
  happen(count: number): Promise<void>
  send(): Promise<void>
  state(): ReturnType<typeof forwardPage>
  toSyslog(ca?: string | null): Promise<void>
  toHttp(): Promise<void>
  /** By its name, over TLS. Null: without saying whom to believe. */
  toHttps(ca?: string | null, name?: string): Promise<void>
  ask(name: Name, path: string, fields: Record<string, string>): Promise<Page>
}

export async function forwardWorld(): Promise<ForwardWorld> {
  const outbound = createOutbound({
    allowances: parseAllowances('http://127.0.0.1'),
    lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    deadlineMs: 3000,
  })
  const w = await world({ outbound })
  const panel = await startTestPanel(w)
  let syslog = await syslogSink(host)
  let http = await httpSink()
  let https = await httpSink(host)
  const scope = async () => ofTeam(await w.ctx('owner'))

  return {
    ...{ w, panel },
    get syslog() {
      return syslog
    },
    get http() {
      return http
    },
    get https() {
      return https
    },
    begin: async () => {
      await w.test.query('delete from forwards')
      await w.reset()
      syslog = await syslogSink(host)
      http = await httpSink()
      https = await httpSink(host)
    },
    end: async () => {
      await syslog.close()
      await http.close()
      await https.close()
    },
    close: async () => {
      await panel.close()
      await outbound.close()
      await w.close()
    },
    happen: async (count) => {
      const ctx = await w.ctx('owner')
      for (let number = 0; number < count; number++)
        await ctx.transaction((tx) =>
          append(tx, { type: 'site.created', subject: { kind: 'site', id: newId(), name: `Shop "${number}" ]\\ ü` } }),
        )
    },
    send: () => sendForwards(w.services, new AbortController().signal),
    state: async () => forwardPage(await scope()),
    toSyslog: async (ca = syslog.ca) =>
      setForward(await scope(), { kind: 'syslog', address: `${host}:${syslog.port}`, ca, secret: null }),
    toHttp: async () =>
      setForward(await scope(), { kind: 'https', address: `http://127.0.0.1:${http.port}/in`, ca: null, secret }),
    toHttps: async (ca = https.ca, name = host) =>
      setForward(await scope(), { kind: 'https', address: `https://${name}:${https.port}/in`, ca, secret }),
    ask: async (name, path, fields) => {
      const browser = panel.browser(w.people[name].cookie)
      await browser.get('/profile')
      return browser.post(path, fields)
    },
  }
}
