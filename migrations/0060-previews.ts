import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Pull requests that get a site of their own, for as long as they are open. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sites
      -- The site that this one shows a pull request of. It follows that one's settings.
      add column preview_of uuid references sites on delete set null,
      -- What a deploy takes that names no commit: for a site that follows no branch.
      add column pinned_commit text;
    create index sites_previews on sites (preview_of) where preview_of is not null;

    alter table delivery_verdicts drop constraint delivery_verdicts_verdict_check;
    alter table delivery_verdicts add check (verdict in ('deployed', 'folded', 'already-deployed', 'other-branch', 'no-branch',
      'branch-deleted', 'auto-deploy-off', 'site-closed', 'frozen', 'skipped', 'paths-did-not-match',
      'preview', 'preview-unchanged', 'preview-removed', 'previews-off', 'needs-approval', 'no-room'));

    -- A site without a row makes none.
    create table preview_settings (
      site_id uuid primary key references sites on delete cascade,
      team_id uuid not null references teams on delete cascade,
      is_on boolean not null,
      most integer not null check (most between 1 and 50),
      kept_days integer not null check (kept_days between 1 and 365)
    );

    -- What previews have instead of the site's own variables of that name.
    create table preview_variables (
      site_id uuid not null references sites on delete cascade,
      team_id uuid not null references teams on delete cascade,
      key text not null check (key ~ '^[A-Za-z_][A-Za-z0-9_]*$'),
      kind text not null check (kind in ('run', 'build', 'both')),
      is_secret boolean not null,
      value_sealed text not null,
      updated_at timestamptz not null,
      primary key (site_id, key)
    );

    create table previews (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      site_id uuid not null references sites on delete cascade,
      number integer not null,
      title text not null,
      author text,
      head_branch text not null,
      base_branch text not null,
      head_commit text not null,
      is_fork boolean not null,
      is_open boolean not null,
      -- As the host says it: what is older than that is no news.
      updated_at timestamptz,
      -- When its newest commit came; kept so many days from then.
      pushed_at timestamptz not null,
      -- The one commit of a fork that somebody has looked at.
      approved_commit text,
      approved_by text,
      -- By hand or for its age; a new commit brings it back.
      removed_why text,
      preview_site_id uuid unique references sites on delete set null,
      -- What a deploy was last asked for.
      deployed_commit text,
      -- Not before. Whoever brings it where it shall be moves this on first, so that nobody else does meanwhile.
      bring_at timestamptz,
      bring_attempts integer not null default 0,
      fault text,
      comment_id text,
      -- What the comment on the pull request says.
      comment_text text,
      tell_at timestamptz,
      tell_attempts integer not null default 0,
      tell_fault text,
      created_at timestamptz not null,
      unique (site_id, number)
    );
    create index previews_bring on previews (bring_at) where bring_at is not null;
    create index previews_tell on previews (tell_at) where tell_at is not null;
    create index previews_open on previews (pushed_at) where is_open and removed_why is null;
  `)
  await grant(knex, 'preview_settings', { team: all, system: ['select'], operator: ['select'] })
  await grant(knex, 'preview_variables', { team: all })
  await grant(knex, 'previews', { team: all, system: ['select', 'update'], operator: ['select'] })
}
