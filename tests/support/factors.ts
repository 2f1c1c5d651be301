import { generateSync } from 'otplib'
import { beginApp, confirmApp } from '../../server/factors/apps.js'
import { HalfCtx, VisitorCtx } from '../../server/platform/access/ctx.js'
import { Secret } from '../../server/platform/secret.js'
import { signIn } from '../../server/sessions/sign-in.js'
import { minutes } from './clock.js'
import { type Name, password, type World } from './people.js'

export interface TestApp {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
  /** What the app shows so many seconds from now. */
  code(seconds?: number): string
}

/** Somebody with an authenticator app, an hour after it was set up. */
export async function withApp(w: World, name: Name): Promise<TestApp> {
  const ctx = await w.personCtx(name)
  const secret = (await beginApp(ctx)).secret.replaceAll(' ', '')
  const code = (seconds = 0) => generateSync({ secret, epoch: Math.floor(w.clock.now().getTime() / 1000) + seconds })
  const recoveryCodes = (await confirmApp(ctx, code())) ?? []
  w.clock.advance(minutes(60))
  return { secret, recoveryCodes, code }
}

export const whence = (ip = '192.0.2.1') => ({ ip, userAgent: 'Test', oldCookie: undefined })

/** The cookie's value after the password alone. */
export async function enter(w: World, name: Name, ip?: string): Promise<string> {
  const given = { email: w.people[name].email, password: new Secret(password) }
  return (await signIn(VisitorCtx.make(w.services), given, whence(ip))).value ?? ''
}

export const identify = (w: World, cookie: string | null) =>
  w.authorizer.identify({ url: '/', headers: { cookie: `hostler-session=${cookie}` } } as never)

/** As the authorizer makes it, after the password. */
export async function halfCtx(w: World, name: Name, ip?: string): Promise<HalfCtx> {
  const identity = await identify(w, await enter(w, name, ip))
  if (identity.kind !== 'half') throw new Error(`${name} is a ${identity.kind}`)
  return HalfCtx.of(w.services, identity)
}
