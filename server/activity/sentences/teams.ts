import { because, type Sentences, word } from './sentence.js'

/** What happens to a team itself, and to who is in it. */
export const teamsSentences = {
  'team.created': () => ({ before: 'created the team', icon: 'users' }),
  'team.renamed': ({ from }) => ({
    before: 'renamed the team',
    after: `, which was called ${word(from)}`,
    icon: 'users',
  }),
  'team.ownership-transferred': () => ({ before: 'gave the team to', icon: 'users', tone: 'warning' }),
  'team.deletion-requested': () => ({ before: 'asked to delete the team', icon: 'trash', tone: 'bad' }),
  'team.deletion-undone': () => ({ before: 'kept the team', icon: 'users', tone: 'good' }),
  'team.removal-begun': () => ({ before: 'began to remove the team', icon: 'trash', tone: 'bad' }),
  'team.removed': () => ({ before: 'removed the team', icon: 'trash', tone: 'bad' }),
  'team.suspended': ({ reason }) => ({
    before: 'suspended the team',
    after: because(reason),
    icon: 'ban',
    tone: 'bad',
  }),
  'team.restored': () => ({ before: 'restored the team', icon: 'users', tone: 'good' }),
  'support.requested': ({ reason, hours, isAllowed }) => ({
    before: isAllowed ? 'announced a support visit of' : 'asked for a support visit of',
    after: `for ${word(hours)} hours${because(reason)}`,
    icon: 'tool',
    tone: 'warning',
  }),
  'support.allowed': () => ({ before: 'let', after: 'in for support', icon: 'tool', tone: 'warning' }),
  'support.refused': () => ({ before: 'did not let', after: 'in for support', icon: 'tool' }),
  'support.entered': ({ reason }) => ({
    before: 'began the support visit of',
    after: because(reason),
    icon: 'tool',
    tone: 'warning',
  }),
  'support.ended': () => ({ before: 'ended the support visit of', icon: 'tool' }),
  'invitation.sent': ({ role, on }) => ({
    before: 'invited',
    after: `with the role ${word(role)}${word(on) ? ` on ${word(on)}` : ''}`,
    icon: 'users',
  }),
  'invitation.resent': () => ({ before: 'sent the invitation again to', icon: 'users' }),
  'invitation.revoked': () => ({ before: 'revoked the invitation of', icon: 'users', tone: 'warning' }),
  'invitation.cleared': () => ({ before: 'cleared away the expired invitation of', icon: 'users' }),
  'invitation.accepted': ({ invitedBy, role }) => ({
    before: 'joined',
    after: `with the role ${word(role)}, invited by ${word(invitedBy)}`,
    icon: 'users',
    tone: 'good',
  }),
  'member.role-changed': ({ from, to }) => ({
    before: 'changed the role of',
    after: `from ${word(from)} to ${word(to)}`,
    icon: 'users',
    tone: 'warning',
  }),
  'member.removed': () => ({ before: 'removed', after: 'from the team', icon: 'users', tone: 'warning' }),
  'member.left': () => ({ before: 'left the team as', icon: 'users', tone: 'warning' }),
} as const satisfies Sentences
