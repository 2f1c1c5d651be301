/** What somebody holds in a team as JSON, the role on the whole team first; for a statement that has `membership`. */
export const holdingsSql = `(
  select coalesce(json_agg(json_build_object('role', held.role, 'permissions', held.permissions, 'on', held.held_on)), '[]')
  from (
    select membership.role, null::text[] as permissions, null::json as held_on where membership.role is not null
    union all
    select role_grant.role, own.permissions, case
      when role_grant.site_id is not null then json_build_object('kind', 'site', 'id', role_grant.site_id)
      when role_grant.server_id is not null then json_build_object('kind', 'server', 'id', role_grant.server_id)
      when role_grant.group_id is not null then json_build_object('kind', 'group', 'id', role_grant.group_id) end
    from role_grants role_grant left join roles own on own.id = role_grant.role_id
    where role_grant.user_id = membership.user_id and role_grant.team_id = membership.team_id
  ) held)`
