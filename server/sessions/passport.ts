import passport from 'passport'
import { Strategy as PasswordStrategy } from 'passport-local'
import type { UsersRow } from '../platform/db/tables.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { userByPassword } from '../users/users.js'

/**
 * Ways to prove who one is are Passport strategies, so that others (GitHub, OpenID) come in beside this one. Passport
 * only checks: the session is ours (`session: false`), and it is handed the parsed form, never the request.
 */
export function provePassword(
  services: Services,
  given: { email: string; password: Secret },
): Promise<UsersRow | undefined> {
  const strategies = new passport.Passport().use(passwordStrategy(services))
  return new Promise((resolve, reject) => {
    const answered = (error: unknown, user: UsersRow | false | null) =>
      error ? reject(error) : resolve(user || undefined)
    const form = { body: { email: given.email, password: given.password.reveal() } }
    strategies.authenticate('local', { session: false }, answered)(form, {}, reject)
  })
}

const passwordStrategy = (services: Services) =>
  new PasswordStrategy({ usernameField: 'email', session: false }, (email, password, done) => {
    userByPassword(services, email, new Secret(password)).then((user) => done(null, user ?? false), done)
  })
