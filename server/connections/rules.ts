/** Whether a host on the internet cannot reach a panel of this name: loopback, private networks (RFC 1918, 4193), bare names. */
export const isPrivateName = (hostname: string): boolean =>
  /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[(::1\]|f[cde]))/i.test(hostname) ||
  !/[.:]/.test(hostname)
