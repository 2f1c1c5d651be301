import type { Host } from '../../platform/ssh/host.js'

/** Whether anything on that machine takes connections on a port of its own. */
export async function isListening(host: Host, port: number): Promise<boolean> {
  try {
    const connection = await host.forward({ port })
    connection.destroy()
    return true
  } catch {
    return false
  }
}
