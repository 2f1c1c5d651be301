import { major } from 'semver'

/** Names of the long-term lines; a newer one is asked for by number until its name is entered here. */
const codenames: Readonly<Record<string, number>> = {
  argon: 4,
  boron: 6,
  carbon: 8,
  dubnium: 10,
  erbium: 12,
  fermium: 14,
  gallium: 16,
  hydrogen: 18,
  iron: 20,
  jod: 22,
  krypton: 24,
}

/**
 * Every even line turns long-term in the October after its spring; from 27 on every line does, one a year
 * (https://github.com/nodejs/release).
 */
export function isLts(version: string, now: Date): boolean {
  const line = major(version)
  if (line < 4 || (line < 27 && line % 2 === 1)) return false
  const year = line < 27 ? 2013 + line / 2 : 2000 + line
  return now.getTime() >= Date.UTC(year, 9, 28)
}

/** "hydrogen" is 18; undefined for a name that is not known. */
export const ltsLine = (codename: string): number | undefined =>
  Object.hasOwn(codenames, codename) ? codenames[codename] : undefined
