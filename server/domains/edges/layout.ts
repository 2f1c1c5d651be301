/** Where things lie in a site's folder, and what may be written there. Pure: the relay on the servers carries it too. */

/**
 * Holds exactly one empty file whose name is the address of the live instance; both edges look at it for each request.
 * Renaming is atomic, so a request finds the old one or the new one.
 */
export const upstreamFolder = (siteFolder: string): string => `${siteFolder}/upstream`

/** The edge writes `access.log` there and renames it as it grows. */
export const logFolder = (siteFolder: string): string => `${siteFolder}/logs`

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d):(\d{1,5})$/

/** Where an instance listens, such as `127.0.0.1:8981`. It becomes a file's name and is dialled, so nothing else may pass. */
export function isAddress(text: string): boolean {
  const port = Number(ipv4.exec(text)?.[1] ?? 0)
  return port > 0 && port < 65_536
}

/** Where Caddy writes what became of certificates; one for the machine, in a folder that it may write in. */
export const certificateLog = (hostRoot: string): string => `${hostRoot}/caddy/log/certificates.log`
