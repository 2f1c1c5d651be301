import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Entrance, entrances } from '../security/entrances.js'
import { needs } from '../support/parts.js'
import { twoLooks } from './axe.js'
import { patienceMs, type Stage, type Stop, startStage, submitted } from './stage.js'

let stage: Stage

/** A file for each: every form is two pages to open and one to look at twice. */
const subjects = { parts: /\/sites\/:site\//, rest: /^(?!.*\/sites\/:site\/)/ } as const

export const axeFindsNothingOnRefused = (subject: keyof typeof subjects) =>
  describe.skipIf(!needs('chromium'))(`axe on forms that were refused: ${subject}`, () => {
    beforeAll(async () => {
      stage = await startStage()
      // Behind the relay there are no forms for what stands before a site.
      await stage.scene.w.test.query("update sites set edge = 'caddy'")
      await stage.scene.w.test.query("update panel_settings set sign_up = 'open'")
      // As where mail is set up: else pages say that there is none instead of asking for an address.
      const { services } = stage.scene.w
      Object.assign(services, { mail: { ...services.mail, isSet: true } })
    })
    afterAll(() => stage?.close())

    it(
      'finds nothing',
      async () => {
        // Setup is over here; states.test.ts begins it again.
        const forms = entrances.filter(
          ({ face, path, route }) =>
            face === 'page' &&
            route.options.form &&
            // What takes nothing can refuse nothing.
            route.options.input &&
            path !== '/setup' &&
            subjects[subject].test(path),
        )
        const isOpen = ({ route }: Entrance) => route.options.can === 'anyone'
        const isHalf = ({ route }: Entrance) => route.options.can === 'half-signed-in'
        const isOperators = ({ route }: Entrance) => route.options.can === 'operator'
        const signedIn = forms.filter((form) => !isOpen(form) && !isHalf(form) && !isOperators(form))
        const operators = forms.filter(isOperators)

        expect(forms.length).toBeGreaterThan(10)
        expect(await stage.faults('owner', await refusals(signedIn, '/teams/acme/servers/none'))).toEqual([])
        expect(await stage.faults('operator', await refusals(operators, '/teams/acme/servers/none'))).toEqual([])
        expect(await stage.faults('nobody', await refusals(forms.filter(isOpen), '/nowhere'))).toEqual([])
        expect(await stage.faults('half', await refusals(forms.filter(isHalf), '/sign-in/factor'))).toEqual([])
      },
      patienceMs,
    )
  })

/** Nothing at all is wrong everywhere but here. */
const wrong: Readonly<Record<string, object>> = {
  '/teams/:team/github-apps/starts': { webUrl: 'nonsense' },
  '/teams/:team/servers': { kind: 'ssh' },
  '/teams/:team/servers/:server': { name: '' },
  '/operator/sign-in-rules': { idleMinutes: 'none' },
  '/teams/:team/sign-in-rules': { idleMinutes: 'none' },
  '/teams/:team/sign-in-connections/:connection': { name: '' },
  '/teams/:team/sites/:site': { port: 'none' },
  '/teams/:team/sites/:site/environment/variables/:key': { kind: 'nonsense' },
  '/teams/:team/servers/:server/sites-domain': { name: 'https://example.com/x' },
  '/teams/:team/servers/:server/sites-domain/certificate': { chain: 'none', privateKey: 'none' },
  '/teams/:team/sites/:site/access/visitors': { username: 'two words', password: 'short' },
  '/teams/:team/sites/:site/access/headers': { headers: 'no colon' },
  '/teams/:team/sites/:site/access/maintenance': { text: 'x'.repeat(2001) },
  '/teams/:team/sites/:site/domains/:domain/certificate': { chain: 'none', privateKey: 'none' },
  '/teams/:team/sites/:site/domains/front': { hsts: 'on' },
  '/teams/:team/sites/:site/domains/:domain': { role: 'nonsense' },
}

/**
 * Each form as it is shown when it was refused, on a desk and on a phone in turn: all that a refusal adds to a page is
 * looked at in every way in components.test.ts. One form is sent from the page of the one before; the first from `from`,
 * a small page with the token of who asks, mostly one that is not there.
 */
const refusals = (forms: readonly Entrance[], from: string): Promise<Stop[]> =>
  Promise.all(
    forms.map(async (entrance, index) => {
      const action = await stage.scene.address(entrance)
      return {
        at: twoLooks.filter((_, look) => look === index % twoLooks.length),
        act: async (page) => {
          if (page.url() === 'about:blank') await page.goto(from)
          const answer = await submitted(page, send(action, { _method: entrance.method, ...wrong[entrance.path] }))
          expect.soft(answer.status(), action).toBe(422)
          expect.soft(await page.locator('.field-error, .banner.is-bad').count(), action).toBeGreaterThan(0)
        },
      }
    }),
  )

/** Texts, because the compiler knows no DOM here. */
const send = (action: string, fields: object) => `
const form = document.createElement('form')
form.method = 'post'
form.action = ${JSON.stringify(action)}
const token = document.querySelector('meta[name="csrf-token"]').content
for (const [name, value] of Object.entries({ _csrf: token, ...${JSON.stringify(fields)} })) {
  const field = document.createElement('input')
  Object.assign(field, { type: 'hidden', name, value })
  form.append(field)
}
document.body.append(form)
form.submit()`
