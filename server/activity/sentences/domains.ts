import { because, list, type Sentences, word } from './sentence.js'

/** What a domain does, as the feed says it. */
const roles: Readonly<Record<string, string>> = {
  primary: 'it is the primary one',
  serve: 'it shows the site',
  redirect: 'it redirects',
}

/** Why a name is a team's no longer, as the feed says it. */
export const whyFreed: Readonly<Record<string, string>> = {
  'proven-elsewhere': 'another team has proven it, and this one no longer does',
  operator: 'who runs the panel has freed it',
}

/** What happens to names, certificates and to what stands before a site. */
export const domainsSentences = {
  'domain.added': ({ domain }) => ({ before: `added the domain ${word(domain)} to`, icon: 'world' }),
  'domain.updated': ({ domain, role }) => ({
    before: `changed the domain ${word(domain)} of`,
    after: because(roles[word(role)]),
    icon: 'world',
  }),
  'domain.removed': ({ domain }) => ({
    before: `removed the domain ${word(domain)} from`,
    icon: 'world',
    tone: 'warning',
  }),
  'domain.verified': ({ domain }) => ({ before: `found ${word(domain)} proven for`, icon: 'shield', tone: 'good' }),
  'domain.freed': ({ domain, why }) => ({
    before: `took the domain ${word(domain)} away from`,
    after: because(whyFreed[word(why)]),
    icon: 'shield',
    tone: 'bad',
  }),
  'domain.certificate-obtained': ({ domain, issuer }) => ({
    before: `saw a new certificate for ${word(domain)} of`,
    after: because(issuer),
    icon: 'lock',
    tone: 'good',
  }),
  'domain.certificate-ending': ({ domain, days, why }) => ({
    before: `saw that the certificate for ${word(domain)} ends within ${word(days) === '1' ? 'a day' : `${word(days)} days`}, of`,
    after: because(why),
    icon: 'lock',
    tone: 'bad',
  }),
  'domain.certificate-given': ({ domain, issuer }) => ({
    before: `gave ${word(domain)} a certificate, of`,
    after: because(issuer),
    icon: 'lock',
  }),
  'domain.certificate-removed': ({ domain }) => ({
    before: `removed the certificate that was given to ${word(domain)}, of`,
    icon: 'lock',
    tone: 'warning',
  }),
  'domain.dns-challenge-set': ({ domain, provider }) => ({
    before: `has the certificate of ${word(domain)} obtained through ${word(provider) || 'its DNS'} for`,
    icon: 'lock',
  }),
  'domain.dns-challenge-removed': ({ domain }) => ({
    before: `ended the renewal of the certificate of ${word(domain)} for`,
    icon: 'lock',
    tone: 'warning',
  }),
  'domain.dns-challenge-retried': ({ domain }) => ({
    before: `asked anew for the certificate of ${word(domain)} for`,
    icon: 'lock',
  }),
  'domain.front-changed': () => ({ before: 'changed HTTPS for the domains of', icon: 'settings' }),
  'site.visitor-set': ({ visitor }) => ({ before: `gave ${word(visitor)} a password for`, icon: 'lock' }),
  'site.visitor-removed': ({ visitor }) => ({
    before: `took away the password of ${word(visitor)} for`,
    icon: 'lock',
    tone: 'warning',
  }),
  'site.headers-changed': ({ headers }) => ({
    before: 'changed the headers of',
    after: because(list(headers)),
    icon: 'settings',
  }),
  'site.maintenance-began': () => ({ before: 'put the maintenance page before', icon: 'tool', tone: 'warning' }),
  'site.maintenance-ended': () => ({ before: 'took the maintenance page away from', icon: 'tool', tone: 'good' }),
  'site.maintenance-text-changed': () => ({ before: 'changed the maintenance page of', icon: 'tool' }),
} as const satisfies Sentences
