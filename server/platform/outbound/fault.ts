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
