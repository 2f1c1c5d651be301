/** Our edge answers this address of a domain with the domain's token, and with nothing else. The token is not in it. */
export const challengePath = (domainId: string): string => `/.well-known/hostler/${domainId}`
