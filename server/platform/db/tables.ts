// Generated from the migrated database by `npm run tables`. Do not edit.
import type { Knex } from 'knex'

type Change<Row> = { [Column in keyof Row]?: Row[Column] | Knex.Raw }

type TableOf<Row, Generated extends keyof Row> = Knex.CompositeTableType<
  Row,
  Omit<Row, Generated> & Partial<Pick<Row, Generated>>,
  Change<Row>
>

export interface AcmeAccountsRow {
  directory_url: string
  key_sealed: string
  account_url: string | null
  created_at: Date
  external_key_id: string
}

export interface AnchorKeysRow {
  id: string
  public_key: string
  private_sealed: string
  made_at: Date
}

export interface ApiKeysRow {
  id: string
  team_id: string
  created_by: string | null
  name: string
  role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
  prefix: string
  key_hash: Buffer
  last_used_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
  created_at: Date
  owner: 'person' | 'team'
  is_publishable: boolean
  permissions: string[] | null
  site_id: string | null
  server_id: string | null
  group_id: string | null
  networks: string[]
  replaced_by: string | null
}

export interface AuthenticatorAppsRow {
  id: string
  user_id: string
  secret_sealed: string
  last_step: number
  confirmed_at: Date | null
  created_at: Date
}

export interface CertificatesRow {
  domain_id: string
  team_id: string
  issuer: string | null
  begins_at: Date | null
  ends_at: Date | null
  seen_at: Date | null
  look_due_at: Date
  failure: string | null
  failure_hint: string | null
  told_days: number | null
  told_end: Date | null
}

export interface CommitStatusesRow {
  id: string
  team_id: string
  connection_id: string
  site_id: string
  deploy_id: string
  event_id: string
  sequence: number
  kind: 'status' | 'deployment'
  commit_sha: string
  context: string
  state: 'queued' | 'running' | 'live' | 'failed' | 'cancelled' | 'superseded' | 'removed'
  description: string
  created_at: Date
  attempts: number
  attempt_at: Date
  outcome: 'sent' | 'given-up' | null
  why: string | null
  ended_at: Date | null
}

export interface DeliveryVerdictsRow {
  delivery_id: string
  site_id: string
  team_id: string
  verdict: 'deployed' | 'folded' | 'already-deployed' | 'other-branch' | 'no-branch' | 'branch-deleted' | 'auto-deploy-off' | 'site-closed' | 'frozen' | 'skipped' | 'paths-did-not-match' | 'preview' | 'preview-unchanged' | 'preview-removed' | 'previews-off' | 'needs-approval' | 'no-room'
  detail: string | null
  deploy_id: string | null
  judged_at: Date
}

export interface DeploysRow {
  id: string
  team_id: string
  site_id: string
  operation_id: string
  number: number
  kind: 'deploy' | 'rollback'
  branch: string
  commit_sha: string | null
  release_id: string | null
  target_release_id: string | null
  replaced_release_id: string | null
  folded_into: string | null
  rolled_back_at: Date | null
  requested_by: string
  created_at: Date
  unless_left_out_since: string | null
}

export interface DirectoryGroupMembersRow {
  directory_group_id: string
  directory_user_id: string
  team_id: string
}

export interface DirectoryGroupsRow {
  id: string
  connection_id: string
  team_id: string
  display_name: string
  external_id: string | null
  created_at: Date
  changed_at: Date
}

export interface DirectoryRolesRow {
  id: string
  team_id: string
  directory_group_id: string
  role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
  role_id: string | null
  site_id: string | null
  server_id: string | null
  group_id: string | null
  role_name: string
  thing_name: string | null
  created_by: string
  created_at: Date
}

export interface DirectoryTokensRow {
  id: string
  connection_id: string
  team_id: string
  prefix: string
  token_hash: Buffer
  permissions: string[]
  created_by: string
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
  replaced_by: string | null
  revoked_at: Date | null
  role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
}

export interface DirectoryUsersRow {
  id: string
  connection_id: string
  team_id: string
  user_name: string
  external_id: string | null
  display_name: string | null
  given_name: string | null
  family_name: string | null
  email: string
  is_active: boolean
  user_id: string | null
  made_account: boolean
  created_at: Date
  changed_at: Date
  deleted_at: Date | null
  given_role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
}

export interface DnsChallengesRow {
  domain_id: string
  team_id: string
  provider: 'cloudflare' | 'digitalocean' | 'httpreq'
  api_url: string | null
  token_sealed: string
  set_by: string
  set_at: Date
  due_at: Date
  attempts: number
  fault: string | null
  record_value: string | null
  obtained_at: Date | null
  taken_by: string | null
  taken_until: Date | null
  order_url: string | null
  record_set_at: Date | null
}

export interface DomainClaimsRow {
  id: string
  team_id: string
  name: string
  proven_at: Date | null
  missing_since: Date | null
  fault: 'not-there' | 'held' | 'unsaid' | null
  checked_at: Date | null
  check_due_at: Date
  created_by: string
  created_at: Date
}

export interface DomainsRow {
  id: string
  team_id: string
  site_id: string | null
  name: string
  parent: string
  role: 'primary' | 'serve' | 'redirect'
  redirect_status: number
  token: string
  verified_at: Date | null
  verified_by: 'dns' | 'http' | 'sites-domain' | null
  check_due_at: Date
  check_requested_at: Date | null
  checked_at: Date | null
  findings: unknown
  server_addresses: unknown
  created_at: Date
  server_id: string | null
  sites_domain_id: string | null
}

export interface EmailConfirmationsRow {
  user_id: string
  email: string
  token_hash: Buffer
  bound_to: Buffer
  made_at: Date
}

export interface EmailUndosRow {
  token_hash: Buffer
  user_id: string
  email: string
  made_at: Date
}

export interface EnvironmentVariablesRow {
  site_id: string
  team_id: string
  key: string
  kind: 'run' | 'build' | 'both'
  is_secret: boolean
  value_sealed: string
  value_digest: Buffer
  updated_at: Date
}

export interface EventAnchorsRow {
  day: string
  text: string
  made_at: Date
  written_at: Date | null
  mailed_at: Date | null
}

export interface EventCursorsRow {
  reader: string
  team_id: string
  sequence: number
  at: Date | null
}

export interface EventCutsRow {
  team_id: string
  sequence: number
  hash: Buffer
  before: Date
  made_at: Date
}

export interface EventHeadsRow {
  team_id: string
  sequence: number
  hash: Buffer
  at: Date | null
}

export interface EventsRow {
  id: string
  team_id: string
  sequence: number
  type: string
  actor_kind: 'user' | 'api-key' | 'directory' | 'system'
  actor_id: string | null
  actor_name: string
  subject_kind: string
  subject_id: string | null
  data: unknown
  at: Date
  previous_hash: Buffer
  hash: Buffer
  address: string | null
  subject_name: string | null
}

export interface ForwardsRow {
  team_id: string
  kind: 'syslog' | 'https'
  address: string
  ca: string | null
  secret_sealed: string | null
  sequence: number
  at: Date | null
  failures: number
  retry_at: Date | null
  fault: string | null
  taken_until: Date | null
  sent_at: Date | null
  created_at: Date
}

export interface FrontsRow {
  site_id: string
  team_id: string
  force_https: boolean
  hsts: boolean
  revision: number
  applied_revision: number | null
  applied_edge: string | null
  applied_at: Date | null
  tried_revision: number | null
  failures: number
  retry_at: Date | null
  failure: string | null
  failure_hint: string | null
  headers: unknown
  in_maintenance: boolean
  maintenance_text: string
  applied_ca: string | null
}

export interface GithubAppStartsRow {
  hash: Buffer
  team_id: string
  session_hash: Buffer
  github_app_id: string | null
  web_url: string
  created_at: Date
  expires_at: Date
  used_at: Date | null
}

export interface GithubAppsRow {
  id: string
  team_id: string
  host: string
  web_url: string
  api_url: string
  app_id: string
  name: string
  page_url: string
  owner: string
  private_key_sealed: string
  webhook_secret_sealed: string
  client_secret_sealed: string
  created_by: string
  created_at: Date
  last_delivery_at: Date | null
}

export interface GithubInstallationsRow {
  id: string
  team_id: string
  github_app_id: string
  installation_id: string
  account: string
  selection: 'all' | 'selected'
  suspended_at: Date | null
  created_at: Date
  refreshed_at: Date | null
  refresh_at: Date | null
  refresh_failures: number
  refresh_fault: string | null
}

export interface GithubRepositoriesRow {
  installation_id: string
  team_id: string
  remote_id: string
  repository_key: string
  full_name: string
  is_private: boolean
  default_branch: string
}

export interface GithubTokensRow {
  installation_id: string
  team_id: string
  scope: string
  token_sealed: string | null
  expires_at: Date | null
  claimed_until: Date | null
}

export interface GroupedSitesRow {
  group_id: string
  site_id: string
  team_id: string
}

export interface HostDeploymentsRow {
  connection_id: string
  deploy_id: string
  team_id: string
  remote_id: string
}

export interface IdempotencyKeysRow {
  team_id: string
  key: string
  request_hash: Buffer
  status: number | null
  response: unknown
  created_at: Date
}

export interface IdentitiesRow {
  id: string
  user_id: string | null
  provider: 'connection' | 'github' | 'google'
  connection_id: string | null
  subject: string
  email: string | null
  created_at: Date
  last_used_at: Date | null
  made_account: boolean
}

export interface InstancesRow {
  id: string
  team_id: string
  site_id: string
  server_id: string
  release_id: string
  port: number
  state: 'starting' | 'live' | 'draining' | 'retired'
  created_at: Date
  retired_at: Date | null
}

export interface InvitationsRow {
  id: string
  team_id: string
  email: string
  role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
  role_id: string | null
  site_id: string | null
  server_id: string | null
  group_id: string | null
  token_hash: Buffer
  is_mailed: boolean
  invited_by: string
  created_at: Date
  sent_at: Date
  expires_at: Date
  accepted_at: Date | null
  accepted_by: string | null
  revoked_at: Date | null
}

export interface KnownBrowsersRow {
  user_id: string
  id_hash: Buffer
  ip: string
  user_agent: string
  first_seen_at: Date
  last_seen_at: Date
  told_at: Date | null
}

export interface LeasesRow {
  subject: string
  fence: number
}

export interface MailsRow {
  id: string
  key: string | null
  view: string
  recipient: string
  subject: string
  content_sealed: string | null
  created_at: Date
  attempts: number
  attempt_at: Date
  give_up_at: Date
  outcome: 'sent' | 'given-up' | null
  why: string | null
  ended_at: Date | null
}

export interface MembershipsRow {
  team_id: string
  user_id: string
  role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
  created_at: Date
}

export interface OidcSettingsRow {
  connection_id: string
  team_id: string
  issuer: string
  client_id: string
  client_secret_sealed: string
  metadata: unknown
  metadata_at: Date
}

export interface OperationLogRow {
  operation_id: string
  team_id: string
  sequence: number
  step: number
  stream: 'stdout' | 'stderr' | 'note'
  line: string
  at: Date
}

export interface OperationStepsRow {
  operation_id: string
  team_id: string
  position: number
  name: string
  state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'undone' | 'undo-failed'
  output: unknown
  message: string | null
  started_at: Date | null
  ended_at: Date | null
}

export interface OperationsRow {
  id: string
  team_id: string
  kind: string
  subject: string
  pool: string | null
  pool_limit: number
  title: string
  input: unknown
  status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
  ending: 'failed' | 'cancelled' | null
  message: string | null
  hint: string | null
  requested_by: string
  cancel_requested_at: Date | null
  cancel_requested_by: string | null
  runner: string | null
  fence: number | null
  claims: number
  heartbeat_at: Date | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

export interface OwnCertificatesRow {
  domain_id: string
  team_id: string
  chain: string
  key_sealed: string
  issuer: string
  begins_at: Date
  ends_at: Date
  given_by: string
  given_at: Date
  source: 'given' | 'dns'
}

export interface PanelSettingsRow {
  only_row: boolean
  sign_up: 'open' | 'invitation' | 'closed'
  support: 'consent' | 'policy'
}

export interface PasskeyChallengesRow {
  holder: string
  purpose: 'add' | 'sign-in' | 'factor' | 'proof'
  challenge: string
  expires_at: Date
}

export interface PasskeysRow {
  id: string
  user_id: string
  credential_id: string
  public_key: Buffer
  counter: number
  transports: string[]
  name: string
  created_at: Date
  last_used_at: Date | null
  signs_in: boolean
}

export interface PasswordResetsRow {
  user_id: string
  token_hash: Buffer
  bound_to: Buffer
  made_at: Date
}

export interface PreviewSettingsRow {
  site_id: string
  team_id: string
  is_on: boolean
  most: number
  kept_days: number
}

export interface PreviewVariablesRow {
  site_id: string
  team_id: string
  key: string
  kind: 'run' | 'build' | 'both'
  is_secret: boolean
  value_sealed: string
  updated_at: Date
}

export interface PreviewsRow {
  id: string
  team_id: string
  site_id: string
  number: number
  title: string
  author: string | null
  head_branch: string
  base_branch: string
  head_commit: string
  is_fork: boolean
  is_open: boolean
  updated_at: Date | null
  pushed_at: Date
  approved_commit: string | null
  approved_by: string | null
  removed_why: string | null
  preview_site_id: string | null
  deployed_commit: string | null
  bring_at: Date | null
  bring_attempts: number
  fault: string | null
  comment_id: string | null
  comment_text: string | null
  tell_at: Date | null
  tell_attempts: number
  tell_fault: string | null
  created_at: Date
  ask_at: Date
  repository_key: string
  ask_failures: number
}

export interface QuotaCountsRow {
  team_id: string
  name: string
  count: number
  window_ends_at: Date
}

export interface RecoveryCodesRow {
  user_id: string
  code_hash: Buffer
  used_at: Date | null
  created_at: Date
}

export interface RefusalsRow {
  key: Buffer
  team_id: string | null
  type: string
  hour: Date
  actor: unknown
  event: unknown
  times: number
}

export interface RefusedDeliveriesRow {
  team_id: string
  host: 'github' | 'gitlab' | 'gitea'
  repository_key: string
  why: 'bad-signature' | 'not-connected'
  hour: Date
  count: number
  last_at: Date
}

export interface ReleasesRow {
  id: string
  team_id: string
  site_id: string
  number: number
  commit_sha: string
  commit_subject: string
  commit_author: string
  committed_at: Date | null
  runtime: 'docker' | 'process'
  stack: string
  node_version: string | null
  artifact: string | null
  settings: unknown
  environment_sealed: string
  environment_digests: unknown
  state: 'building' | 'kept' | 'live' | 'failed' | 'pruned'
  created_at: Date
  live_at: Date | null
}

export interface RemovedTeamsRow {
  id: string
  slug: string
  name: string
  created_at: Date
  removed_at: Date
}

export interface RepositoryConnectionsRow {
  id: string
  team_id: string
  host: 'github' | 'gitlab' | 'gitea'
  repository_key: string
  secret_sealed: string | null
  created_by: string
  created_at: Date
  last_delivery_at: Date | null
  token_sealed: string | null
  token_by: string | null
  token_at: Date | null
  api_url: string | null
  statuses_fault: string | null
  statuses_fault_at: Date | null
  statuses_sent_at: Date | null
  statuses_fault_kind: string | null
  installation_id: string | null
  offers_repositories: boolean
  has_signing_token: boolean
  web_origin: string
}

export interface ResetRequestsRow {
  id: string
  email_sealed: string
  made_at: Date
}

export interface RoleGrantsRow {
  id: string
  team_id: string
  user_id: string
  role: 'owner' | 'admin' | 'developer' | 'billing' | 'viewer' | null
  role_id: string | null
  site_id: string | null
  server_id: string | null
  group_id: string | null
  granted_by: string
  created_at: Date
  directory_role_id: string | null
}

export interface RolesRow {
  id: string
  team_id: string
  name: string
  permissions: string[]
  created_at: Date
}

export interface SamlSettingsRow {
  connection_id: string
  team_id: string
  entity_id: string
  sso_url: string
  certificates: string[]
  changed_at: Date
}

export interface ServerReadingsRow {
  server_id: string
  team_id: string
  at: Date
  cpu_percent: number
  memory_used_bytes: number
  memory_total_bytes: number
  disk_used_bytes: number
  disk_total_bytes: number
  load_1m: number
}

export interface ServersRow {
  id: string
  team_id: string
  slug: string
  name: string
  kind: 'ssh' | 'local'
  address: string | null
  port: number | null
  username: string | null
  root: string
  public_key: string | null
  private_key_sealed: string | null
  host_key_fingerprint: string | null
  host_key: string | null
  host_key_changed_to: string | null
  runtime: 'docker' | 'process' | null
  edge: 'caddy' | 'direct' | null
  status: 'new' | 'preparing' | 'ready' | 'unreachable'
  status_message: string | null
  checklist: unknown
  facts: unknown
  checked_at: Date | null
  seen_at: Date | null
  created_at: Date
  boot_id: string | null
  relay_id: string | null
}

export interface SessionsRow {
  id_hash: Buffer
  user_id: string
  csrf_secret: Buffer
  flash: unknown
  ip: string | null
  user_agent: string | null
  created_at: Date
  last_seen_at: Date
  expires_at: Date
  begun_by: 'password' | 'passkey' | 'oidc' | 'saml' | 'github' | 'google' | 'recovery-code'
  connection_id: string | null
  is_half: boolean
  password_proved_at: Date | null
  factor_proved_at: Date | null
}

export interface SetupRow {
  only_row: boolean
  token_hash: Buffer
  made_at: Date
  used_at: Date | null
}

export interface SignInAttemptsRow {
  key: string
  failures: number
  window_ends_at: Date
}

export interface SignInConnectionsRow {
  id: string
  team_id: string
  kind: 'oidc' | 'saml'
  name: string
  default_role: 'admin' | 'developer' | 'billing' | 'viewer' | null
  created_by: string
  created_at: Date
}

export interface SignInFlowsRow {
  hash: Buffer
  browser_hash: Buffer
  provider: 'connection' | 'github' | 'google'
  connection_id: string | null
  intent: 'sign-in' | 'link' | 'trial'
  user_id: string | null
  next: string
  expires_at: Date
  proof: unknown
}

export interface SignInRequirementsRow {
  team_id: string
  connection_id: string | null
  break_glass_user_id: string | null
  created_by: string
  created_at: Date
}

export interface SignInRulesRow {
  team_id: string | null
  requires_factor: boolean
  idle_minutes: number | null
  longest_hours: number | null
}

export interface SignUpsRow {
  email: string
  token_hash: Buffer
  made_at: Date
}

export interface SiteDraftsRow {
  id: string
  team_id: string
  server_id: string
  repository_url: string
  credential_kind: 'none' | 'token' | 'deploy-key' | 'github-app'
  credential_sealed: string | null
  deploy_public_key: string | null
  found: unknown
  created_at: Date
}

export interface SiteGroupsRow {
  id: string
  team_id: string
  name: string
  created_at: Date
}

export interface SitesRow {
  id: string
  team_id: string
  server_id: string
  slug: string
  name: string
  state: 'active' | 'inactive' | 'suspended' | 'deactivated' | 'archived'
  state_reason: string | null
  repository_url: string
  branch: string
  credential_kind: 'none' | 'token' | 'deploy-key' | 'github-app'
  credential_sealed: string | null
  deploy_public_key: string | null
  runtime: 'docker' | 'process'
  edge: 'caddy' | 'direct'
  stack: 'static' | 'node' | 'dockerfile'
  node_version: string | null
  root_folder: string
  build_command: string | null
  start_command: string | null
  static_folder: string | null
  release_command: string | null
  health_path: string
  health_deadline_seconds: number
  drain_seconds: number
  watch_seconds: number
  memory_mb: number
  cpus: string
  keep_releases: number
  port: number
  live_release_id: string | null
  next_release: number
  delete_requested_at: Date | null
  created_at: Date
  failing_deploy_id: string | null
  repository_key: string
  auto_deploy: boolean
  watched_paths: string[]
  ignored_paths: string[]
  frozen_until: Date | null
  frozen_reason: string | null
  seen_commit: string | null
  seen_deployed: boolean
  reconcile_at: Date | null
  reconcile_failures: number
  reconcile_fault: string | null
  deploy_hook_hash: Buffer | null
  served_url: string | null
  preview_of: string | null
  pinned_commit: string | null
}

export interface SupportGrantsRow {
  id: string
  team_id: string
  operator_id: string
  reason: string
  hours: number
  requested_at: Date
  allowed_by: string | null
  allowed_at: Date | null
  ends_at: Date | null
  entered_at: Date | null
  session_hash: Buffer | null
  ended_at: Date | null
}

export interface TeamsRow {
  id: string
  slug: string
  name: string
  created_at: Date
  delete_requested_at: Date | null
  delete_requested_by: string | null
  delete_after: Date | null
  removal_begun_at: Date | null
  suspended_at: Date | null
  suspended_reason: string | null
}

export interface UsersRow {
  id: string
  email: string
  name: string
  password_hash: string
  is_operator: boolean
  disabled_at: Date | null
  created_at: Date
  email_verified_at: Date | null
  disabled_reason: string | null
}

export interface VisitorPasswordsRow {
  id: string
  team_id: string
  site_id: string
  username: string
  password_hash: string
  changed_at: Date
}

export interface WebhookDeliveriesRow {
  id: string
  team_id: string
  connection_id: string | null
  delivery: string
  event: string
  headers: unknown
  body: Buffer
  received_at: Date
  outcome: 'judged' | 'ping' | 'not-used' | 'unreadable' | 'other-repository' | 'installation' | 'branch-made' | null
  why: string | null
  branch: string | null
  commit_sha: string | null
  commit_subject: string | null
  pusher: string | null
  github_app_id: string | null
  repository_key: string | null
  look_at: Date | null
}

export interface WorkersRow {
  id: string
  host: string
  started_at: Date
  seen_at: Date
}

declare module 'knex/types/tables.js' {
  interface Tables {
    acme_accounts: TableOf<AcmeAccountsRow, 'account_url' | 'external_key_id'>
    anchor_keys: TableOf<AnchorKeysRow, never>
    api_keys: TableOf<ApiKeysRow, 'created_by' | 'role' | 'last_used_at' | 'expires_at' | 'revoked_at' | 'owner' | 'is_publishable' | 'permissions' | 'site_id' | 'server_id' | 'group_id' | 'networks' | 'replaced_by'>
    authenticator_apps: TableOf<AuthenticatorAppsRow, 'last_step' | 'confirmed_at'>
    certificates: TableOf<CertificatesRow, 'issuer' | 'begins_at' | 'ends_at' | 'seen_at' | 'failure' | 'failure_hint' | 'told_days' | 'told_end'>
    commit_statuses: TableOf<CommitStatusesRow, 'attempts' | 'outcome' | 'why' | 'ended_at'>
    delivery_verdicts: TableOf<DeliveryVerdictsRow, 'detail' | 'deploy_id'>
    deploys: TableOf<DeploysRow, 'commit_sha' | 'release_id' | 'target_release_id' | 'replaced_release_id' | 'folded_into' | 'rolled_back_at' | 'unless_left_out_since'>
    directory_group_members: TableOf<DirectoryGroupMembersRow, never>
    directory_groups: TableOf<DirectoryGroupsRow, 'external_id'>
    directory_roles: TableOf<DirectoryRolesRow, 'role' | 'role_id' | 'site_id' | 'server_id' | 'group_id' | 'thing_name'>
    directory_tokens: TableOf<DirectoryTokensRow, 'last_used_at' | 'replaced_by' | 'revoked_at' | 'role'>
    directory_users: TableOf<DirectoryUsersRow, 'external_id' | 'display_name' | 'given_name' | 'family_name' | 'user_id' | 'made_account' | 'deleted_at' | 'given_role'>
    dns_challenges: TableOf<DnsChallengesRow, 'api_url' | 'attempts' | 'fault' | 'record_value' | 'obtained_at' | 'taken_by' | 'taken_until' | 'order_url' | 'record_set_at'>
    domain_claims: TableOf<DomainClaimsRow, 'proven_at' | 'missing_since' | 'fault' | 'checked_at'>
    domains: TableOf<DomainsRow, 'site_id' | 'redirect_status' | 'verified_at' | 'verified_by' | 'check_requested_at' | 'checked_at' | 'findings' | 'server_addresses' | 'server_id' | 'sites_domain_id'>
    email_confirmations: TableOf<EmailConfirmationsRow, never>
    email_undos: TableOf<EmailUndosRow, never>
    environment_variables: TableOf<EnvironmentVariablesRow, never>
    event_anchors: TableOf<EventAnchorsRow, 'written_at' | 'mailed_at'>
    event_cursors: TableOf<EventCursorsRow, 'at'>
    event_cuts: TableOf<EventCutsRow, never>
    event_heads: TableOf<EventHeadsRow, 'at'>
    events: TableOf<EventsRow, 'actor_id' | 'subject_id' | 'address' | 'subject_name'>
    forwards: TableOf<ForwardsRow, 'ca' | 'secret_sealed' | 'at' | 'failures' | 'retry_at' | 'fault' | 'taken_until' | 'sent_at'>
    fronts: TableOf<FrontsRow, 'force_https' | 'hsts' | 'revision' | 'applied_revision' | 'applied_edge' | 'applied_at' | 'tried_revision' | 'failures' | 'retry_at' | 'failure' | 'failure_hint' | 'headers' | 'in_maintenance' | 'maintenance_text' | 'applied_ca'>
    github_app_starts: TableOf<GithubAppStartsRow, 'github_app_id' | 'used_at'>
    github_apps: TableOf<GithubAppsRow, 'last_delivery_at'>
    github_installations: TableOf<GithubInstallationsRow, 'suspended_at' | 'refreshed_at' | 'refresh_at' | 'refresh_failures' | 'refresh_fault'>
    github_repositories: TableOf<GithubRepositoriesRow, never>
    github_tokens: TableOf<GithubTokensRow, 'token_sealed' | 'expires_at' | 'claimed_until'>
    grouped_sites: TableOf<GroupedSitesRow, never>
    host_deployments: TableOf<HostDeploymentsRow, never>
    idempotency_keys: TableOf<IdempotencyKeysRow, 'status' | 'response'>
    identities: TableOf<IdentitiesRow, 'user_id' | 'connection_id' | 'email' | 'last_used_at' | 'made_account'>
    instances: TableOf<InstancesRow, 'retired_at'>
    invitations: TableOf<InvitationsRow, 'role' | 'role_id' | 'site_id' | 'server_id' | 'group_id' | 'accepted_at' | 'accepted_by' | 'revoked_at'>
    known_browsers: TableOf<KnownBrowsersRow, 'told_at'>
    leases: TableOf<LeasesRow, never>
    mails: TableOf<MailsRow, 'key' | 'content_sealed' | 'attempts' | 'outcome' | 'why' | 'ended_at'>
    memberships: TableOf<MembershipsRow, 'role'>
    oidc_settings: TableOf<OidcSettingsRow, never>
    operation_log: TableOf<OperationLogRow, never>
    operation_steps: TableOf<OperationStepsRow, 'state' | 'output' | 'message' | 'started_at' | 'ended_at'>
    operations: TableOf<OperationsRow, 'pool' | 'pool_limit' | 'status' | 'ending' | 'message' | 'hint' | 'cancel_requested_at' | 'cancel_requested_by' | 'runner' | 'fence' | 'claims' | 'heartbeat_at' | 'started_at' | 'ended_at'>
    own_certificates: TableOf<OwnCertificatesRow, 'source'>
    panel_settings: TableOf<PanelSettingsRow, 'only_row' | 'sign_up' | 'support'>
    passkey_challenges: TableOf<PasskeyChallengesRow, never>
    passkeys: TableOf<PasskeysRow, 'last_used_at' | 'signs_in'>
    password_resets: TableOf<PasswordResetsRow, never>
    preview_settings: TableOf<PreviewSettingsRow, never>
    preview_variables: TableOf<PreviewVariablesRow, never>
    previews: TableOf<PreviewsRow, 'author' | 'updated_at' | 'approved_commit' | 'approved_by' | 'removed_why' | 'preview_site_id' | 'deployed_commit' | 'bring_at' | 'bring_attempts' | 'fault' | 'comment_id' | 'comment_text' | 'tell_at' | 'tell_attempts' | 'tell_fault' | 'ask_at' | 'ask_failures'>
    quota_counts: TableOf<QuotaCountsRow, never>
    recovery_codes: TableOf<RecoveryCodesRow, 'used_at'>
    refusals: TableOf<RefusalsRow, 'team_id'>
    refused_deliveries: TableOf<RefusedDeliveriesRow, never>
    releases: TableOf<ReleasesRow, 'committed_at' | 'node_version' | 'artifact' | 'live_at'>
    removed_teams: TableOf<RemovedTeamsRow, never>
    repository_connections: TableOf<RepositoryConnectionsRow, 'secret_sealed' | 'last_delivery_at' | 'token_sealed' | 'token_by' | 'token_at' | 'api_url' | 'statuses_fault' | 'statuses_fault_at' | 'statuses_sent_at' | 'statuses_fault_kind' | 'installation_id' | 'offers_repositories' | 'has_signing_token'>
    reset_requests: TableOf<ResetRequestsRow, never>
    role_grants: TableOf<RoleGrantsRow, 'role' | 'role_id' | 'site_id' | 'server_id' | 'group_id' | 'directory_role_id'>
    roles: TableOf<RolesRow, never>
    saml_settings: TableOf<SamlSettingsRow, never>
    server_readings: TableOf<ServerReadingsRow, never>
    servers: TableOf<ServersRow, 'address' | 'port' | 'username' | 'public_key' | 'private_key_sealed' | 'host_key_fingerprint' | 'host_key' | 'host_key_changed_to' | 'runtime' | 'edge' | 'status' | 'status_message' | 'checklist' | 'facts' | 'checked_at' | 'seen_at' | 'boot_id' | 'relay_id'>
    sessions: TableOf<SessionsRow, 'flash' | 'ip' | 'user_agent' | 'begun_by' | 'connection_id' | 'is_half' | 'password_proved_at' | 'factor_proved_at'>
    setup: TableOf<SetupRow, 'only_row' | 'used_at'>
    sign_in_attempts: TableOf<SignInAttemptsRow, never>
    sign_in_connections: TableOf<SignInConnectionsRow, 'default_role'>
    sign_in_flows: TableOf<SignInFlowsRow, 'connection_id' | 'user_id' | 'proof'>
    sign_in_requirements: TableOf<SignInRequirementsRow, 'connection_id' | 'break_glass_user_id'>
    sign_in_rules: TableOf<SignInRulesRow, 'team_id' | 'idle_minutes' | 'longest_hours'>
    sign_ups: TableOf<SignUpsRow, never>
    site_drafts: TableOf<SiteDraftsRow, 'credential_sealed' | 'deploy_public_key' | 'found'>
    site_groups: TableOf<SiteGroupsRow, never>
    sites: TableOf<SitesRow, 'state' | 'state_reason' | 'credential_sealed' | 'deploy_public_key' | 'node_version' | 'root_folder' | 'build_command' | 'start_command' | 'static_folder' | 'release_command' | 'health_path' | 'health_deadline_seconds' | 'drain_seconds' | 'watch_seconds' | 'memory_mb' | 'cpus' | 'keep_releases' | 'live_release_id' | 'next_release' | 'delete_requested_at' | 'failing_deploy_id' | 'repository_key' | 'auto_deploy' | 'watched_paths' | 'ignored_paths' | 'frozen_until' | 'frozen_reason' | 'seen_commit' | 'seen_deployed' | 'reconcile_at' | 'reconcile_failures' | 'reconcile_fault' | 'deploy_hook_hash' | 'served_url' | 'preview_of' | 'pinned_commit'>
    support_grants: TableOf<SupportGrantsRow, 'allowed_by' | 'allowed_at' | 'ends_at' | 'entered_at' | 'session_hash' | 'ended_at'>
    teams: TableOf<TeamsRow, 'delete_requested_at' | 'delete_requested_by' | 'delete_after' | 'removal_begun_at' | 'suspended_at' | 'suspended_reason'>
    users: TableOf<UsersRow, 'is_operator' | 'disabled_at' | 'email_verified_at' | 'disabled_reason'>
    visitor_passwords: TableOf<VisitorPasswordsRow, never>
    webhook_deliveries: TableOf<WebhookDeliveriesRow, 'connection_id' | 'outcome' | 'why' | 'branch' | 'commit_sha' | 'commit_subject' | 'pusher' | 'github_app_id' | 'repository_key' | 'look_at'>
    workers: TableOf<WorkersRow, never>
  }
}
