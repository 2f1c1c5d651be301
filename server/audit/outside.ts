/** The types of what belongs to no team, for filters. They are told to the operator alone. */
export const outsideTypes = [
  ...['setup.completed', 'session.started', 'session.half-started', 'session.refused', 'session.limited'],
  ...['session.ended', 'session.others-ended', 'user.signed-up', 'user.renamed', 'user.password-changed'],
  ...['user.email-verified', 'user.email-change-asked', 'user.email-changed', 'user.email-restored'],
  ...['user.suspended', 'user.restored', 'password-reset.made', 'password-reset.used'],
  ...['factor.app-added', 'factor.app-removed', 'factor.passkey-added', 'factor.passkey-renamed'],
  ...['factor.passkey-removed', 'factor.all-removed', 'factor.refused', 'recovery-codes.made', 'recovery-code.used'],
  ...['identity.linked', 'identity.unlinked', 'sign-up.chosen', 'support.chosen', 'panel.sign-in-rules-changed'],
  ...['access.denied', 'request.forged', 'api-key.refused', 'delivery.refused', 'deploy-hook.refused'],
  ...['forward.set', 'forward.removed', 'forward.tested', 'event-log.month-dropped'],
] as const
