import { dirname } from 'node:path'
import { UserError } from '../../../platform/errors.js'
import { all, cmd, either } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { type Edge, type EdgeCheck, type EdgePlace, type EdgeSite, urlOfSite, type WebPorts } from '../edge.js'
import type { Front } from '../front.js'
import { certificateLog, logFolder } from '../layout.js'
import { assertFacesVisitors, isListening, untilPortIsFree } from '../probe.js'
import { clearUpstream, currentAddress, makeFolders, switchUpstream } from '../upstream.js'
import { type AdminDoor, readConfig, readValue, startCaddy } from './admin.js'
import { forgetSite, restoreAfterRestarts, savedFolder, saveSite } from './after-restart.js'
import { changeConfig, savedTogether } from './changes.js'
import { isOpenFor, lostOf, withoutSite, withSite } from './config.js'
import { firstAlone } from './first-certificate.js'
import { isSameJson, type Json } from './json.js'
import { forgetCertificates, removeOtherCertificates, saveCertificates } from './own-certificates.js'
import { keepWaitingVisitors } from './waiting-visitors.js'
import { newPorts, portOf, portPath, type Scheme, withFront, withoutFront } from './web.js'
import { saveAcmeRoot, saveWeb, webFolder } from './web-after-restart.js'

/** The user that runs Caddy in Debian's package, and the door to its configuration there. */
const usual = { door: { port: 2019 } as AdminDoor, user: 'caddy' }

/** Caddy as the edge: set up through its admin API, beside whatever else it serves on that machine. */
export function caddyEdge({ door, user }: { door: AdminDoor; user: string } = usual): Edge {
  return {
    name: 'caddy',
    check: (host) => check(host, door),
    prepare: async (host) => {
      await restoreAfterRestarts(host, door)
      await keepWaitingVisitors(host)
    },
    async ensureSite(host, site, letGoElsewhere) {
      await host.run(all(makeFolders(site), giveLogs(site, user)), { timeoutMs: 15_000 })
      const isChanged = await changeConfig(host, door, async (config) => {
        if (!isOpenFor(config, site)) {
          await letGoElsewhere?.()
          await untilPortIsFree(host, site)
        }
        return withSite(config, site)
      })
      await host.run(closedTo(user, savedFolder(host)), { timeoutMs: 15_000 })
      await saveSite(host, site)
      await assertFacesVisitors(host, site, 'Caddy')
      return { isChanged }
    },
    reconcile: (host, sites) =>
      changeConfig(host, door, (config) => sites.reduce<Json>((changed, site) => withSite(changed, site), config)),
    lost: async (host, sites) => lostOf((await readConfig(host, door)).config, sites),
    switchTo: switchUpstream,
    clear: clearUpstream,
    current: currentAddress,
    letGo: (host, site) => letGo(host, door, site),
    applyFront: (host, site, front) => applyFront(host, { door, user }, site, front),
    webPorts: (host) => webPorts(host, door),
    async removeSite(host, site) {
      await letGo(host, door, site)
      await host.run(all(forgetSite(host, site), forgetCertificates(host, site.siteId)), { timeoutMs: 15_000 })
    },
    url: urlOfSite,
  }
}

/** In one change with the site itself, which may not have been deployed yet: its names say that nothing is here then. */
async function applyFront(host: Host, { door, user }: typeof usual, site: EdgeSite, front: Front): Promise<void> {
  await host.run(all(makeFolders(site), giveLogs(site, user)), { timeoutMs: 15_000 })
  const rootFile = await saveAcmeRoot(host, front)
  const log = certificateLog(host.root)
  await host.run(all(cmd('mkdir', '-p', '--', dirname(log)), giveTo(user, dirname(log))), { timeoutMs: 15_000 })
  const certificates = await saveCertificates(host, site.siteId, front, (file) => giveTo(user, file))
  const place = {
    siteId: site.siteId,
    folder: site.folder,
    rootFile,
    certificateLog: log,
    access: site.access,
    certificates,
  }
  const write = async (change: (config: Json) => Json) =>
    void (await changeConfig(host, door, async (config) => {
      if (!isOpenFor(config, site)) await untilPortIsFree(host, site)
      const changed = change(withSite(config, site))
      for (const port of newPorts(config, changed))
        if (await isListening(host, { port })) throw webPortTaken(host, port)
      return changed
    }))
  await firstAlone(host, door, { site: place, front, write })
  await write((config) => withFront(config, place, front))
  await host.run(all(closedTo(user, savedFolder(host)), closedTo(user, webFolder(host))), { timeoutMs: 15_000 })
  await saveSite(host, site)
  await savedTogether(host, door, (machine) => saveWeb(machine, door))
  await removeOtherCertificates(host, site.siteId, certificates)
}

async function webPorts(host: Host, door: AdminDoor): Promise<WebPorts> {
  const asked = async (scheme: Scheme) => portOf(scheme, await readValue(host, door, portPath(scheme)))
  const [http, https] = await Promise.all([asked('http'), asked('https')])
  return { http, https }
}

const webPortTaken = (host: Host, port: number): UserError =>
  new UserError(
    409,
    `Port ${port} on ${host.name} is taken by another program`,
    'Domains need it for Caddy: stop that program, or have it listen elsewhere behind Caddy.',
  )

/** A Caddy that does not run has no port that it could free, and what came by its admin API it has forgotten. */
async function letGo(host: Host, door: AdminDoor, site: EdgePlace): Promise<void> {
  if (!(await isListening(host, door))) return
  let hadNames = false
  await changeConfig(host, door, (config) => {
    hadNames ||= !isSameJson(config, withoutFront(config, site.siteId))
    return withoutSite(config, site.siteId)
  })
  if (hadNames) await savedTogether(host, door, (machine) => saveWeb(machine, door))
}

async function check(host: Host, door: AdminDoor): Promise<EdgeCheck> {
  try {
    await readConfig(host, door)
    return { ok: true }
  } catch (error) {
    if ((await host.status(cmd('which', 'caddy'), { timeoutMs: 15_000 })) !== 0)
      return { ok: false, why: `Caddy is not installed on ${host.name}`, fix: 'Prepare the server: it installs Caddy.' }
    return { ok: false, why: error instanceof Error ? error.message : String(error), fix: startCaddy }
  }
}

/**
 * Caddy creates and renames the log itself. Where it runs as nobody we know, or we may not give the folder away, it is
 * left as it is and Caddy says whether it can write there.
 */
const giveLogs = (site: EdgePlace, user: string) => giveTo(user, logFolder(site.folder))

/**
 * What is kept there for a restart has hashes of passwords in it. The script that reads it runs as that user; where it is nobody we know, or
 * we may not, nothing reads it but us.
 */
const closedTo = (user: string, folder: string) =>
  all(
    cmd('mkdir', '-p', '--', folder),
    either(
      all(cmd('id', '-u', '--', user), cmd('chgrp', '--', user, folder), cmd('chmod', '0750', '--', folder)),
      cmd('chmod', '0700', '--', folder),
    ),
  )

const giveTo = (user: string, folder: string) =>
  either(all(cmd('id', '-u', '--', user), cmd('chown', '--', user, folder)), cmd('true'))
