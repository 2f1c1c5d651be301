import { Readable } from 'node:stream'
import { type GitHostName, gitHostNames, gitHosts } from '../git/hosts/hosts.js'
import { paths } from '../paths.js'
import { file, go, json, page } from '../platform/http/reply.js'
import { get, post, type Route, receive } from '../platform/http/route.js'
import { deliveryBody, replayDelivery } from './deliveries.js'
import { deliveriesPage, deliveryPage } from './pages.js'
import { deployByHook, receiveDelivery } from './pushes.js'
import { mostBytes } from './receive.js'
import { DeliveryList, DeliveryQuery, OneDelivery } from './schema.js'
import { sitePushRoutes } from './site-routes.js'

/** One address for each kind of host. */
const receiverOf = (host: GitHostName): Route =>
  receive(gitHosts[host].path, mostBytes, async ({ ctx, input }) => {
    const { isNew } = await receiveDelivery(ctx.services, host, input, ctx.address)
    return json({ state: isNew ? 'received' : 'received before' }, 202)
  })

export const pushRoutes: readonly Route[] = [
  ...gitHostNames.map(receiverOf),
  // Some post there what they send to a webhook, of which nothing is read.
  receive('/deploy-hooks/:hook', mostBytes, async ({ ctx, params }) => {
    const { deploy, isNew } = await deployByHook(ctx.services, params.hook, ctx.address)
    return json({ deploy, state: isNew ? 'requested' : 'waiting already' }, 202)
  }),
  ...sitePushRoutes,

  get(
    '/deliveries',
    {
      can: 'delivery:read',
      query: DeliveryQuery,
      output: DeliveryList,
      summary: 'What Git hosts told us, newest first',
    },
    async ({ ctx, query }) => page('pushes/index', await deliveriesPage(ctx, query)),
  ),
  get(
    '/deliveries/:delivery',
    { can: 'delivery:read', output: OneDelivery, summary: 'A delivery, with its verdict for each site' },
    async ({ ctx, params }) => page('pushes/show', await deliveryPage(ctx, params.delivery)),
  ),
  get('/deliveries/:delivery/body', { can: 'delivery:read' }, async ({ ctx, params }) =>
    file(
      `delivery-${params.delivery}.json`,
      'application/json',
      Readable.from([await deliveryBody(ctx, params.delivery)]),
    ),
  ),
  post(
    '/deliveries/:delivery/replays',
    { can: 'delivery:replay', output: OneDelivery, summary: 'Judge a delivery again; what it has deployed stays' },
    async ({ ctx, params }) => {
      await replayDelivery(ctx, params.delivery)
      const { delivery } = await deliveryPage(ctx, params.delivery)
      return go(paths.delivery(ctx.team.slug, params.delivery), 'Judged again', { delivery })
    },
  ),
]
