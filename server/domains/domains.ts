import { urlOfSite } from './edges/edge.js'

/** What visitors type while a site has no name of its own: the address of its server, and its port there. */
export const addressOf = (server: { kind: string; address: string | null }, panel: URL, port: number): string =>
  urlOfSite(server.kind === 'local' ? panel.hostname.replace(/^\[|\]$/g, '') : (server.address ?? ''), {
    siteId: '',
    folder: '',
    port,
    hostnames: [],
  })
