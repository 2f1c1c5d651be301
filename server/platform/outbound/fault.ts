/**
 * Why a request to an address that somebody gave did not get its answer. Its text names the host and nothing else of the
 * request, so that it may be kept and shown: no path, no header, nothing of what was sent or answered.
 */
export class OutboundFault extends Error {
  readonly kind: 'refused' | 'unreachable' | 'too-slow' | 'too-long'

  constructor(kind: OutboundFault['kind'], message: string) {
    super(message)
    this.name = 'OutboundFault'
    this.kind = kind
  }
}

/** For what the library threw: its own words may hold what was sent, or quote a certificate, so only its code goes on. */
export function unreachable(host: string, error: unknown): OutboundFault {
  const { code } = (error ?? {}) as { code?: unknown } // `as`: anything may have been thrown
  const known = typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : ''
  const isCertificate = /CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(known)
  return new OutboundFault(
    'unreachable',
    isCertificate ? `The certificate of ${host} is not to be believed${known}` : `Could not speak with ${host}${known}`,
  )
}
