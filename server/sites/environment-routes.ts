import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, patch, post, type Route } from '../platform/http/route.js'
import { Done } from './answers.js'
import { addVariable, changeVariable, removeVariable } from './environment.js'
import { environmentPage, pasteEnvironment, previewPage } from './environment-pages.js'
import {
  EnvironmentAnswer,
  EnvironmentQuery,
  NewVariable,
  Paste,
  PasteAnswer,
  VariableAnswer,
  VariableChange,
} from './environment-schema.js'
import { findLocked } from './sites.js'

const here = '/sites/:site/environment'

export const environmentRoutes: readonly Route[] = [
  get(
    here,
    { can: 'environment:read', query: EnvironmentQuery, output: EnvironmentAnswer, summary: 'Variables of a site' },
    async ({ ctx, params, query }) => page('sites/environment', await environmentPage(ctx, params.site, query.edit)),
  ),
  post(
    `${here}/variables`,
    {
      can: 'environment:update',
      input: NewVariable,
      output: VariableAnswer,
      form: async ({ ctx, params }) => page('sites/environment', await environmentPage(ctx, params.site)),
      summary: 'Add a variable',
    },
    async ({ ctx, params, input }) => {
      const variable = await ctx.transaction(async (tx) => addVariable(tx, await findLocked(tx, params.site), input))
      return go(paths.environment(ctx.team.slug, params.site), `${variable.key} is added`, { variable })
    },
  ),
  patch(
    `${here}/variables/:key`,
    {
      can: 'environment:update',
      input: VariableChange,
      output: VariableAnswer,
      form: async ({ ctx, params }) => page('sites/environment', await environmentPage(ctx, params.site, params.key)),
      summary: 'Change a variable',
    },
    async ({ ctx, params, input }) => {
      const variable = await ctx.transaction(async (tx) =>
        changeVariable(tx, await findLocked(tx, params.site), params.key, input),
      )
      return go(paths.environment(ctx.team.slug, params.site), `${variable.key} is saved`, { variable })
    },
  ),
  del(
    `${here}/variables/:key`,
    { can: 'environment:update', output: Done, summary: 'Remove a variable' },
    async ({ ctx, params }) => {
      await ctx.transaction(async (tx) => removeVariable(tx, await findLocked(tx, params.site), params.key))
      return go(paths.environment(ctx.team.slug, params.site), `${params.key} is removed`)
    },
  ),
  post(
    `${here}/preview`,
    {
      can: 'environment:update',
      input: Paste,
      output: PasteAnswer,
      form: async ({ ctx, params }) => page('sites/environment', await environmentPage(ctx, params.site)),
      summary: 'What a .env file would change',
    },
    async ({ ctx, params, input }) => page('sites/environment-preview', await previewPage(ctx, params.site, input)),
  ),
  post(
    `${here}/paste`,
    {
      can: 'environment:update',
      input: Paste,
      output: PasteAnswer,
      form: async ({ ctx, params }) => page('sites/environment', await environmentPage(ctx, params.site)),
      summary: 'Take over a .env file',
    },
    async ({ ctx, params, input }) => {
      const plan = await pasteEnvironment(ctx, params.site, input)
      return go(paths.environment(ctx.team.slug, params.site), 'The environment is saved', plan)
    },
  ),
]
