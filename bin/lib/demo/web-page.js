/**
 * A page of a demo site. Its own style, and nothing from elsewhere.
 * @param {string} title
 * @param {string} text
 */
export const page = (title, text) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 18px/1.6 system-ui, sans-serif }
  body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 2rem; text-align: center }
  h1 { margin: 0; font-size: clamp(2rem, 8vw, 4rem); letter-spacing: -0.03em }
  p { margin: 0.5rem 0 0; max-width: 34rem; opacity: 0.7 }
</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`
