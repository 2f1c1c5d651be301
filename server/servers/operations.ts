import { z } from 'zod'
import { declareOperation } from '../platform/operations/declare.js'
import { Facts } from './facts.js'

/** Each step shows what it found in the checklist at once; nothing is changed on the server. */
export const checkServer = declareOperation({
  kind: 'check-server',
  input: { serverId: z.uuid() },
  steps: [
    { name: 'Reach the server and sign in' },
    { name: 'Look at the machine', output: z.object({ facts: Facts }) },
    { name: 'Look for what sites need' },
  ],
})

/** Every step looks first and says "already so" where there is nothing to do. */
export const prepareServer = declareOperation({
  kind: 'prepare-server',
  /** The choices become the server's own when all is there for them; until then sites run as before. */
  input: {
    serverId: z.uuid(),
    runtime: z.enum(['process', 'docker']),
    edge: z.enum(['direct', 'caddy']),
    before: z.enum(['new', 'ready']),
  },
  steps: [
    { name: 'Look at the machine', output: z.object({ facts: Facts }) },
    { name: 'Set up the folder' },
    { name: 'Install what is missing' },
    { name: 'Bring the scripts' },
    { name: 'Start the services' },
    { name: 'Check the server' },
  ],
})

/** One at a time may change a server, or look at it. */
export const subjectOf = (serverId: string): string => `server:${serverId}`
