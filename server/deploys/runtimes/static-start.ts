import { quote } from '../../platform/shell/quote.js'
import { parseFolder } from '../stacks/root-folder.js'
import { within } from './places.js'
import type { BuildPlan } from './runtime.js'

type Served = Pick<BuildPlan, 'rootFolder' | 'staticFolder'>

/** The folder that is served, in a checkout at `top`. */
export const servedFolder = (top: string, { rootFolder, staticFolder }: Served): string =>
  within(within(top, parseFolder(rootFolder)), parseFolder(staticFolder ?? ''))

/** Text of a start command: our static server on that folder. */
export const staticStartCommand = (server: string, folder: string): string =>
  `exec node ${quote(`${server}/serve.mjs`)} ${quote(folder)}`
