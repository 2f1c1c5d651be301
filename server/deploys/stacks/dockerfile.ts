import type { Stack } from './stack.js'

/** The repository says itself how it is built and started. */
export const dockerfileStack: Stack = {
  name: 'dockerfile',
  title: 'Dockerfile',
  runtimes: ['docker'],

  async detect(files) {
    if ((await files.read('Dockerfile')) === null) return null
    return {
      stack: 'dockerfile',
      why: 'The repository has a Dockerfile',
      buildCommand: null,
      startCommand: null,
      staticFolder: null,
      nodeWish: null,
      packageManager: null,
    }
  },
}
