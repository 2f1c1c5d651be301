import { urlOfSite } from './edges/edge.js'

/** What visitors type while a site has no name of its own: the address of its server, and its port there. */
export const addressOf = (server: { kind: string; address: string | null }, panel: URL, port: number): string =>
  urlOfSite(serverAddress(server, panel), { siteId: '', folder: '', port, hostnames: [] })

/** What names have to point at: an address or a name. The panel's own machine is where the panel is found. */
export const serverAddress = (server: { kind: string; address: string | null }, panel: URL): string =>
  server.kind === 'local' ? panel.hostname.replace(/^\[|\]$/g, '') : (server.address ?? '')
