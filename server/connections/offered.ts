import { type ApiCall, hasNextPage } from '../git/hosts/api.js'
import { gitHosts } from '../git/hosts/hosts.js'
import { personIn, type RepositoriesApi } from '../git/hosts/repositories.js'
import { hostOf, maybeRepositoryKey } from '../git/repository-key.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { notFound, UserError } from '../platform/errors.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { jsonOf } from '../platform/outbound/json.js'
import { askHost } from './asking.js'
import { refusedList } from './offered-words.js'
import * as queries from './queries.js'
import { maybeOfferedSpeaker, type Speaker } from './speaking.js'

const onPage = 20

/** The connections whose token offers what it reads, by the name of their host. */
export const offersOf = async (tx: TeamTx) =>
  (await queries.offeringConnections(tx)).map(({ id, repository_key, token_by }) => ({
    id,
    host: hostOf(repository_key),
    by: token_by ?? '',
  }))

/**
 * A page of the repositories that a connection's token reads, as its host tells them now. What is in the way is said, and
 * is no fault of ours. Not inside of a transaction: the host may be slow. @throws UserError 404 where it offers none
 */
export async function listOffered(
  ctx: TeamCtx,
  id: string,
  { search, page }: { search: string | null; page: number },
  signal: AbortSignal,
) {
  const speaker = await maybeOfferedSpeaker(ctx, id)
  const api = speaker && gitHosts[speaker.host].api.repositories
  if (!speaker || !api) throw notFound('list of repositories')
  const { hostName: host } = speaker
  const ask = asking(ctx, speaker, api.right, signal)
  try {
    const person = api.whose ? await whoseToken(api.whose, ask) : null
    const answer = await ask(api.list({ search, page, limit: onPage, person }))
    const listed = api.read(jsonOf(answer))
    if (!listed) throw new UserError(502, `The answer of ${host} cannot be read`)
    return {
      repositories: ofTheHost(listed, [host, new URL(speaker.base).hostname]).map((one) => ({ ...one, seenBy: host })),
      nextPage: hasNextPage(answer.header('link')) ? page + 1 : null,
      fault: null,
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { repositories: [], nextPage: null, fault: [error.message, error.hint].filter(Boolean).join('. ') }
  }
}

type Ask = (call: ApiCall) => ReturnType<typeof askHost>

const asking =
  (ctx: TeamCtx, speaker: Speaker, right: string, signal: AbortSignal): Ask =>
  async (call) => {
    const answer = await askHost(ctx.services.outbound, speaker, call, signal).catch((error: unknown) => {
      if (!(error instanceof OutboundFault)) throw error
      throw new UserError(502, error.message, undefined, { cause: error })
    })
    if (answer.status !== 200) throw refusedList(answer, { host: speaker.hostName, right })
    return answer
  }

/** Without it the host would tell of everybody's. */
async function whoseToken(call: NonNullable<RepositoriesApi['whose']>, ask: Ask): Promise<number> {
  const person = personIn(jsonOf(await ask(call)))
  if (person === null) throw new UserError(502, 'The host does not say whose token it is')
  return person
}

/** A host speaks for its own repositories alone. */
const ofTheHost = <One extends { url: string }>(listed: readonly One[], hosts: readonly string[]) =>
  listed.flatMap((one) => {
    const key = maybeRepositoryKey(one.url)
    return key !== null && hosts.includes(hostOf(key)) ? [{ ...one, key }] : []
  })
