import { createHash } from 'node:crypto'
import { Secret } from '../../server/platform/secret.js'
import { credentialPlace } from '../../server/sites/credentials.js'
import { placeOf } from '../../server/sites/environment.js'
import { insert } from '../support/make.js'
import { app, type Stage } from '../support/stage.js'
import type { Canaries } from './canaries.js'

/** A site that would run something in each text that it has, and the secrets that nobody may see. */
export function hostileSite({ touch }: Pick<Canaries, 'touch'>) {
  const text = `x;${touch('a')};\`${touch('b')}\`$(${touch('c')})|${touch('d')}&${touch('e')}'`
  const secret = 'canary-value-8d3f with spaces'
  const values: Record<string, string> = {
    API_TOKEN: secret,
    HOSTILE: `${text}"\\\n$(${touch('f')})\n\u2028 -rf {a,b} *`,
  }
  return {
    /** What `startStage` gets. */
    columns: { name: text, build_command: 'echo "built with $API_TOKEN"' },
    /** What its program answers when it got every value byte for byte. */
    answer: `${digest(secret)} ${digest(values.HOSTILE ?? '')}`,
    prepare: (stage: Stage) => prepare(stage, text, values),
    /** Whether a text tells one of the secrets of that site. */
    isTold: (stage: Stage) => (line: string) =>
      [secret, 'canary-value-8d3f', stage.git.token].some((known) => line.includes(known)),
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

/** A private repository on a branch that would run in a shell, and an environment full of it. */
async function prepare({ git, site, test }: Stage, hostile: string, values: Record<string, string>): Promise<void> {
  const { database, services, team } = test
  const branch = hostile.replaceAll(/[\s\\]/g, '')
  const answer = app('one')['package.json'] ?? ''
  const files = {
    'package.json': answer,
    'server.js': `
      const { createHash } = require('node:crypto')
      const digest = (text) => createHash('sha256').update(text).digest('hex')
      console.log('started with', process.env.API_TOKEN)
      require('node:http')
        .createServer((_, response) => response.end(digest(process.env.API_TOKEN) + ' ' + digest(process.env.HOSTILE)))
        .listen(process.env.PORT, '127.0.0.1')`,
  }
  const repository = await git.makeRepository({ files, branch })
  await repository.commit({ files, branch, message: hostile, author: hostile })
  const sealed = services.vault.seal(new Secret(`git:${git.token}`), credentialPlace(site.id))
  await database.query(
    `update sites set repository_url = $1, branch = $2, credential_kind = 'token', credential_sealed = $3`,
    [repository.httpUrl, branch, sealed],
  )
  for (const [key, value] of Object.entries(values)) {
    const box = services.vault.seal(new Secret(value), placeOf(site.id, key))
    await insert(database, 'environment_variables', {
      site_id: site.id,
      team_id: team.id,
      key,
      kind: 'both',
      is_secret: true,
      value_sealed: box,
      value_digest: services.vault.digest(new Secret(value), site.id),
      updated_at: new Date(),
    })
  }
}
