/** The names of things in URLs, as the `slug` columns take them: `^[a-z][a-z0-9-]{1,40}$`. */

/** Leaves room for the number that `nthSlug` puts after it. */
const longest = 36

/** `Shop (Söul)` is `shop-soul`. What gives no slug, or one that is `reserved`, is called `otherwise`. */
export function slugOf(name: string, otherwise: string, reserved: readonly string[] = []): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, longest)
    .replace(/-+$/, '')
  return slug.length >= 2 && !reserved.includes(slug) ? slug : otherwise
}

/** The second, third … of the same name. */
export const nthSlug = (slug: string, number: number): string => (number === 1 ? slug : `${slug}-${number}`)
