import nunjucks from 'nunjucks'

/**
 * A panel compiles all of its views when it starts, which takes a quarter of a second; the files of a worker start dozens
 * of panels with the same views. Nunjucks turns the same text into the same code, so that is kept by all it depends on.
 */
interface Compiler {
  compile(
    text: string,
    asyncFilters: readonly string[],
    extensions: readonly unknown[],
    path: string,
    opts: object,
  ): string
}

// `as`: the types leave the compiler out, and this is the very object that environments call.
const { compiler } = nunjucks as unknown as { compiler: Compiler }
const compile = compiler.compile.bind(compiler)
const kept = new Map<string, string>()

compiler.compile = (text, asyncFilters, extensions, path, opts) => {
  if (extensions.length > 0) return compile(text, asyncFilters, extensions, path, opts)
  const key = JSON.stringify([path, opts, asyncFilters, text])
  const code = kept.get(key) ?? compile(text, asyncFilters, extensions, path, opts)
  kept.set(key, code)
  return code
}
