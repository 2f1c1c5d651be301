import { Command } from 'commander'
import type { Known } from '../audit/audit.js'
import { type Config, readConfig } from '../config.js'
import { orSentence, settingsFault } from '../faults.js'
import type { Services } from '../platform/services.js'
import type { InitOptions } from './init.js'

/**
 * `bin/hostler`: what is done on the machine itself, where having a shell is the permission. Each command loads its own
 * parts when it is called: those of all together take longer to load than any of them to do its work.
 */
const program = new Command('hostler').description('Runs on the machine of the panel, with the settings of the panel.')

program
  .command('init')
  .description('Set the panel up: its operator, a team, and an API key')
  .requiredOption('--email <address>', 'to sign in with')
  .requiredOption('--team <name>', 'the first team')
  .requiredOption('--password-stdin', 'read the password from standard input')
  .option('--name <name>', 'of the operator; the first part of the address unless given')
  .option('--key-name <name>', 'of the API key', 'hostler init')
  .option('--json', 'print {"apiKey", "team", "url"}')
  .action(async (options: InitOptions & { json?: boolean }) => {
    const { init, readPassword } = await import('./init.js')
    const password = await readPassword(process.stdin)
    const made = await withServices((services) => init(services, options, password))
    console.log(options.json ? JSON.stringify(made) : sentences(made))
  })

program
  .command('reset-password')
  .description('Make a link with which somebody chooses a new password')
  .requiredOption('--email <address>', 'that they sign in with')
  .action(async (options: { email: string }) => {
    const { resetLinkFor } = await import('./reset-password.js')
    console.log(await withServices((services) => resetLinkFor(services, options)))
  })

program
  .command('confirm-email')
  .description('Confirm the address of somebody who cannot get the mail that does it')
  .requiredOption('--email <address>', 'that they sign in with')
  .action(async (options: { email: string }) => {
    const { confirmEmailOf } = await import('./confirm-email.js')
    console.log(await withServices((services) => confirmEmailOf(services, options)))
  })

program
  .command('remove-factors')
  .description('Take away the second factors of somebody who has lost theirs; the password stays')
  .requiredOption('--email <address>', 'that they sign in with')
  .action(async (options: { email: string }) => {
    const { removeFactorsOf } = await import('./remove-factors.js')
    console.log(await withServices((services) => removeFactorsOf(services, options)))
  })

program
  .command('drop-sign-in-requirement')
  .description('Let people into a team by every way of signing in again, when its own sign-in fails')
  .argument('<team>', 'as it stands in the address of its pages')
  .action(async (team: string) => {
    const { dropSignInRequirementOf } = await import('./drop-sign-in-requirement.js')
    console.log(await withServices((services) => dropSignInRequirementOf(services, team)))
  })

program
  .command('free-domain')
  .description('Take a domain away from the team that holds it; who proves it next has it')
  .argument('<name>', 'such as www.example.com, or *.example.com for a wildcard')
  .action(async (typed: string) => {
    const { freeDomain } = await import('../domains/domains.js')
    const { name, team } = await withServices((services) => freeDomain(services, typed))
    console.log(`${name} was held by the team ${team}, and is nobody’s now. Who proves it next has it.`)
  })

const audit = program.command('audit').description('The event log')

audit
  .command('verify')
  .description('Check that nothing in the event log was altered, removed or cut off')
  .option('--anchors <folder>', 'check against the anchors in this folder, too')
  .option('--key <key>', 'believe only anchors that this key signed, as audit key printed it')
  .action((options: { anchors?: string; key?: string }) => verify({ folder: options.anchors, key: options.key }))

audit
  .command('key')
  .description('Print the public key that anchors are signed with')
  .action(async () => {
    const { anchorPublicKey } = await import('../audit/audit.js')
    console.log(await withServices(anchorPublicKey))
  })

program
  .command('mail')
  .description('The mail of the panel')
  .command('test')
  .description('Send a mail at once and say what the server answered')
  .requiredOption('--to <address>', 'who gets it')
  .action(async (options: { to: string }) => {
    const { testMail } = await import('./test-mail.js')
    console.log(await withServices((services) => testMail(services, options)))
  })

program
  .command('verify-events')
  .description('The same as: audit verify')
  .action(() => verify())

await program.parseAsync()

async function verify(known: Known = {}): Promise<void> {
  const { verifyAudit } = await import('./audit.js')
  const { isWhole, lines } = await withServices((services) => verifyAudit(services, known))
  console.log(lines.join('\n') || 'The event log is empty')
  if (!isWhole) process.exitCode = 1
}

function sentences({ apiKey, team, url }: { apiKey: string; team: string; url: string }): string {
  return `The panel is set up, with the team ${team}. Open ${url} to sign in.\nAPI key, shown this once: ${apiKey}`
}

async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const config = await orSentence(settingsFault, () => ({ ...readConfig(), logLevel: 'silent' }))
  return orSentence(1, () => whileOpen(config, work))
}

/** Leaves the embedded database as it was found: running when the panel runs, else stopped. */
async function whileOpen<T>(config: Config, work: (services: Services) => Promise<T>): Promise<T> {
  const { openServices } = await import('../services.js')
  const { services, embedded, close } = await openServices(config)
  try {
    return await work(services)
  } finally {
    await close()
    if (!embedded?.wasRunning) await embedded?.stop()
  }
}
