// What `floor-page.cjs` asks for and how it writes a row, page by page. The cells are those of `views/`, spelt out.

const time = (name) =>
  `<time datetime="{{ ${name} | iso }}" title="{{ ${name} | exact }} UTC" data-ago>{{ ${name} | ago }}</time>`

const pill = `<span class="pill is-{% if row.state == 'active' or row.state == 'live' %}good{% else %}neutral{% endif %}"><span class="dot" aria-hidden="true"></span>{{ row.state | capitalize }}</span>`

exports.rowsOf = {
  '/sites': {
    query: `select site.slug, site.name, site.state, site.branch, server.slug as server_slug, server.name as server_name,
        replace(replace(site.repository_url, 'https://', ''), '.git', '') as repository,
        server.address || ':' || site.port as address, deploy.number, deploy.status, deploy.at
      from sites site join servers server on server.id = site.server_id
      left join lateral (
        select deploy.number, operation.status, operation.ended_at as at
        from deploys deploy join operations operation on operation.id = deploy.operation_id
        where deploy.site_id = site.id order by deploy.number desc limit 1) deploy on true
      where site.team_id = $1 order by site.created_at desc, site.id desc limit $2`,
    row: `<tr>
  <td class="main-cell"><a href="/teams/acme/sites/{{ row.slug }}">{{ row.name }}</a><span class="sub-line">{{ row.repository }} · {{ row.branch }}</span></td>
  <td data-label="State">${pill}</td>
  <td data-label="Last deploy"><span>{% if row.number %}<a class="last-deploy is-{{ row.status }}" href="/teams/acme/sites/{{ row.slug }}/deploys/{{ row.number }}">{{ row.status | capitalize }}</a> ${time('row.at')}{% else %}<span class="quiet">never</span>{% endif %}</span></td>
  <td data-label="Server"><a href="/teams/acme/servers/{{ row.server_slug }}">{{ row.server_name }}</a></td>
  <td data-label="Address"><a href="http://{{ row.address }}" rel="noopener" target="_blank">{{ row.address }}</a></td>
</tr>
`,
  },
  '/home': {
    query: `select site.slug, site.name, deploy.operation_id, release.commit_subject, deploy.requested_by, deploy.created_at,
        case when release.id = site.live_release_id then 'live' else 'replaced' end as state,
        extract(epoch from operation.ended_at - operation.started_at)::int as seconds
      from (select * from deploys where team_id = $1 order by created_at desc limit $2) deploy
      join operations operation on operation.id = deploy.operation_id
      join sites site on site.id = deploy.site_id
      left join releases release on release.id = deploy.release_id
      order by deploy.created_at desc`,
    row: `<tr>
  <td class="main-cell"><a href="/teams/acme/sites/{{ row.slug }}">{{ row.name }}</a></td>
  <td data-label="What"><a class="one-line" href="/teams/acme/operations/{{ row.operation_id }}">{{ row.commit_subject }}</a></td>
  <td data-label="Result">${pill}</td>
  <td data-label="By">{{ row.requested_by }}</td>
  <td data-label="Took" class="text-end">{{ row.seconds }} s</td>
  <td data-label="When" class="text-end">${time('row.created_at')}</td>
</tr>
`,
  },
}
