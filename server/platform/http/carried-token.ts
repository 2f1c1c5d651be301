import type { NewCookie } from './cookies.js'
import { go, type Reply, withCookies } from './reply.js'
import type { Origin } from './route.js'

/**
 * The token of a link from a mail, which lets somebody in. An address is shown, kept in histories and sent along as the
 * referrer, so the page of the link takes the token out of it at once: it goes on to the same page without, and finds it in a
 * cookie for as long as it takes to press a button (SE-10).
 */
const name = 'link'
const keptSeconds = 30 * 60

/** To the page itself, without the token in its address. Check it first, so that a link that is over says so. */
export const carry = (url: string, token: string): Reply<never> => ({
  ...withCookies(go(url), { name, value: token, maxAgeSeconds: keptSeconds }),
  referrer: 'none',
})

export const carriedToken = (origin: Origin): string | undefined => origin.cookie(name)

/** Once it is used. */
export const noToken: NewCookie = { name, value: null }
