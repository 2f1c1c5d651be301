/** What CI-01 of security.md puts into every field. */
export const hostileTexts: readonly string[] = [
  ';id',
  '$(id)',
  '`id`',
  '|id',
  '&id',
  '&&id',
  '>f',
  '<f',
  '\nid',
  '\r\nid',
  "'",
  '"',
  '\\',
  '*',
  '?',
  '~',
  '{a,b}',
  '!x',
  '$HOME',
  '-rf',
  '--',
  '#',
  '\u2028',
  '\0',
  'a'.repeat(200_000),
]

/** For `test.each`: a short name and the text. */
export const named = (texts: readonly string[]): [name: string, text: string][] =>
  texts.map((text) => [text.slice(0, 20), text])
