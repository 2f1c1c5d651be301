/** `Acme & Söhne GmbH` is `acme-sohne-gmbh` in URLs. Always a slug that the table takes. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return slug.length >= 2 ? slug : 'team'
}
