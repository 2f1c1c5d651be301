/**
 * Sequences that a terminal acts on instead of showing. Every repetition stops at the byte that starts the next
 * sequence, so a hostile line costs linear time. An unfinished OSC loses only its introducer: hiding the rest of a
 * line from the reader would be the attacker's gain.
 */
const sequences = [
  '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]', // CSI: colours, cursor, screen
  '(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x90-\\x9f]*(?:\\x07|\\x1b\\\\|\\x9c)', // OSC, DCS, SOS, PM, APC: title, links, clipboard
  '\\x1b[ -/]*[0-~]', // the short ones: character sets, reset
]
const terminal = new RegExp(sequences.join('|'), 'g')

/** Controls but tab; separators that break lines in some viewers; marks that turn the order of text around. */
const invisible = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g

/** What a hostile machine printed, as text that is safe to store, log and show (XT-08, LG-04). Escaping for HTML is the page's part. */
export const plainText = (text: string): string => text.replace(terminal, '').replace(invisible, '')
