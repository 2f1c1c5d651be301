import { plainAddress } from '../net.js'

/** From where a request comes, as Express knows it, which knows what proxies are trusted; null for what no network brought. */
export const addressOf = ({ ip }: { readonly ip?: string | undefined }): string | null =>
  ip === undefined ? null : plainAddress(ip)
