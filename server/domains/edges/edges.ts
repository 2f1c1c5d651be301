import { caddyEdge } from './caddy/caddy-edge.js'
import { directEdge } from './direct/direct-edge.js'
import type { Edge, EdgeName } from './edge.js'

/** Everything that can face visitors. A plugin enters here. */
export const edges = {
  caddy: caddyEdge(),
  direct: directEdge,
} satisfies Record<EdgeName, Edge>
