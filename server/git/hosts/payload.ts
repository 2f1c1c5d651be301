/**
 * The JSON of a delivery. GitHub and Gitea send it in a form field unless they are told to send JSON, which is easily
 * missed, so both are taken. The signature is over the body as it came.
 */
export function payloadText(body: Buffer, contentType: string | undefined): string {
  const text = body.toString('utf8')
  if (!contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded')) return text
  return new URLSearchParams(text).get('payload') ?? ''
}
