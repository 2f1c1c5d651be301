/** On one page; whoever looks for an older one finds it in the log of the mail server. */
export const mostListed = 100

/** Why a mail cannot be sent again; null when it can. */
export function whyNoRetry({ outcome, has_content }: { outcome: string | null; has_content: boolean }): string | null {
  if (outcome === 'sent') return 'It was sent'
  return has_content ? null : 'What it said is gone: whoever needs it asks for another'
}
