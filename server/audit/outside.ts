/** The types of what belongs to no team, for filters. They are told to the operator alone. */
export const outsideTypes = [
  ...['setup.completed', 'session.started', 'session.refused', 'session.ended'],
  ...['user.renamed', 'user.password-changed', 'password-reset.made', 'password-reset.used'],
  ...['access.denied', 'event-log.month-dropped'],
] as const
