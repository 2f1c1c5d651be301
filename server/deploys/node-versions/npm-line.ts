import { satisfies } from 'semver'

/** The Node packages carry no npm. Each Node gets the npm line that its own release ships, or the newest it can run. */
const lines: readonly (readonly [node: string, npm: string])[] = [
  ['>=24', '11'],
  ['^18.17 || >=20.5', '10'],
  ['>=18', '9'],
  ['^12.13 || ^14.15 || >=16', '8'],
  ['*', '6'],
]

export const npmLineFor = (nodeVersion: string): string =>
  lines.find(([node]) => satisfies(nodeVersion, node))?.[1] ?? '6'
