/** Why a password is refused, in words for its owner; null when it may be used. */
export function passwordFault(password: string, person: { email: string; name: string }): string | null {
  const text = password.toLowerCase()
  if (text === person.email.toLowerCase()) return 'Your own address is the first thing anybody would try'
  if (isCommon(text)) return 'This is one of the passwords that everybody tries first'
  if (text.includes(localPart(person.email)) && text.length - localPart(person.email).length < 4)
    return 'This is little more than your own address'
  return null
}

/**
 * Most passwords that are guessed and stand in no list are short ones made longer: a word with digits after it, a word
 * twice, a walk over the keyboard, one character over and over. So they are recognised by how they are made, not listed.
 */
function isCommon(text: string): boolean {
  if (new Set(text).size < 4) return true
  if (walks.some((walk) => walk.includes(text))) return true
  const word = text.replace(/[^a-z]/g, '')
  return commonWords.has(repeated(word)) || commonWords.has(word)
}

/** `abcabc` is `abc` twice. */
const repeated = (word: string): string => {
  const length = (word + word).indexOf(word, 1)
  return length > 0 ? word.slice(0, length) : word
}

const bothWays = (walk: string): string[] => [walk, [...walk].reverse().join('')]

const walks = [
  '1234567890'.repeat(4),
  '0123456789'.repeat(4),
  'abcdefghijklmnopqrstuvwxyz'.repeat(2),
  'qwertyuiopasdfghjklzxcvbnm1234567890',
  'qwertyuiop[]asdfghjkl',
  '1234567890qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/',
  'q1w2e3r4t5y6u7i8o9p0',
  '1q2w3e4r5t6y7u8i9o0p',
  'a1b2c3d4e5f6g7h8i9j0',
].flatMap(bothWays)

const commonWords = new Set(
  `password passwort passw passwd pass admin administrator root user welcome letmein login master dragon monkey
   football baseball iloveyou sunshine princess superman batman trustno changeme changethis default secret test testing
   temp temporary server hosting hostler qwerty qwertyuiop qwertz azerty asdf asdfgh asdfghjkl zxcvbnm abc abcd abcdef
   hello helloworld computer internet michael jordan ashley charlie shadow summer winter spring autumn january
   company mypassword thepassword newpassword passwordpassword letmeinplease correcthorsebatterystaple`.split(/\s+/),
)

const localPart = (email: string): string => email.toLowerCase().split('@')[0] ?? ''
