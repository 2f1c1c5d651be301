import { z } from 'zod'
import { fragment, go, page, stream } from '../../../server/platform/http/reply.js'
import { get, post, type Route } from '../../../server/platform/http/route.js'
import type { ShellOf } from '../../../server/platform/http/shell.js'

/** Every component on one page, to be looked at. */
export const asked = { streams: 0, posts: [] as string[] }

const now = Date.now()
const line = (seq: number, text: string, kind = 'out') => ({
  seq,
  at: new Date(now + seq * 900).toISOString(),
  stream: kind,
  text,
})
const lines = [
  line(1, '→ Fetch the source', 'note'),
  line(2, 'Cloning https://github.com/acme/shop.git'),
  line(3, 'npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory', 'err'),
  ...Array.from({ length: 40 }, (_, i) =>
    line(4 + i, `[build ${i + 1}/40] compiling src/components/checkout/step-${i}.tsx`),
  ),
]
const deploys = [
  {
    title: 'Show the delivery date in the basket',
    commit: 'a4f9c21',
    state: 'live',
    by: 'Ada',
    ms: 48_000,
    at: new Date(now - 180_000),
  },
  {
    title: 'Use the new payment form',
    commit: '77b0e12',
    state: 'failed',
    by: 'Grace',
    ms: 12_400,
    at: new Date(now - 7_200_000),
  },
  {
    title: 'Update dependencies',
    commit: '1c0ffee',
    state: 'running',
    by: 'push',
    ms: null,
    at: new Date(now - 20_000),
  },
]

export const galleryRoutes: Route[] = [
  get('/gallery', { can: 'signed-in' }, () => page('gallery', { deploys, lines })),
  post(
    '/gallery',
    {
      can: 'signed-in',
      input: z.object({ name: z.string().regex(/^[a-z-]+$/, 'Use lower case letters, digits and dashes') }),
      form: () => page('gallery', { deploys, lines }),
    },
    ({ input }) => {
      asked.posts.push(input.name)
      return go('/gallery', 'The settings were saved. They are used from the next deploy on.')
    },
  ),
  get(
    '/gallery/stream',
    { can: 'signed-in', query: z.object({ after: z.coerce.number().optional() }) },
    ({ query, origin, signal }) => {
      asked.streams++
      return stream(more(Number(origin.lastEventId ?? query.after ?? 0), signal))
    },
  ),
  get('/gallery/search/results', { can: 'signed-in', query: z.object({ q: z.string().optional() }) }, () =>
    fragment('found', {}),
  ),
  get('/gallery/running', { can: 'signed-in' }, () => fragment('running', {})),
]

async function* more(after: number, signal: AbortSignal) {
  yield {
    id: after + 1,
    data: JSON.stringify([line(after + 1, `\u001b[32mafter ${after}\u001b[0m <script>alert(1)</script>`)]),
  }
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

export const galleryShell: ShellOf = async (_identity, _ctx, path) => ({
  personName: 'Ada Lovelace',
  teamName: 'Acme',
  teams: [
    { label: 'Acme', href: '/gallery', isCurrent: true },
    { label: 'Analytical Engines', href: '/gallery' },
  ],
  navigation: [
    [
      { label: 'Home', href: '/', icon: 'home' },
      { label: 'Sites', href: '/gallery', icon: 'world', isCurrent: path === '/gallery' },
      { label: 'Servers', href: '/servers', icon: 'server' },
      { label: 'Activity', href: '/activity', icon: 'activity' },
    ],
    [{ label: 'Settings', href: '/settings', icon: 'settings' }],
  ],
  account: [{ label: 'API keys', href: '/keys' }],
  signOutUrl: '/sign-out',
  runningUrl: '/gallery/running',
  searchUrl: '/gallery/search',
  homeUrl: '/gallery',
  visits: [],
})
