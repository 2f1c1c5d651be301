import { Agent } from 'node:http'

/**
 * Connections to the live instance, kept for requests that may be sent twice. An application closes idle ones as it likes (Node
 * after 5 s), so ours are given up first; and those to an instance that is live no more are never used again.
 */
export class Agents {
  #address: string | null = null
  #agent = newAgent()

  for(address: string): Agent {
    if (address !== this.#address) {
      retire(this.#agent)
      this.#agent = newAgent()
      this.#address = address
    }
    return this.#agent
  }

  close(): void {
    retire(this.#agent)
  }
}

const newAgent = () => new Agent({ keepAlive: true, timeout: 1_500, maxFreeSockets: 64 })

/** `Agent.destroy` would cut requests under way too. */
function retire(agent: Agent): void {
  agent.maxFreeSockets = 0
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}
